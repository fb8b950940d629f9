#include "storage/sqlite_key_store.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "storage/sqlite_migrations.h"
#include "tests/conformance/key_store_suite.h"
#include "tests/support/child_process.h"
#include "tests/support/forwarding_key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

// Keeps its folder as long as it lives.
class StoreInItsFolder final : public ForwardingKeyStore {
 public:
  StoreInItsFolder() : ForwardingKeyStore(nullptr), store_(std::move(open_sqlite_key_store(folder_ / "keys.db").value())) {
    current = store_.get();
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<KeyStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, KeyStoreSuite, testing::Values([] { return std::make_unique<StoreInItsFolder>(); }));

class SqliteKeyStore : public testing::Test {
 protected:
  std::unique_ptr<KeyStore> open(sqlite::Options options = {}) {
    auto store = open_sqlite_key_store(file_, options);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "keys.db";
};

TEST_F(SqliteKeyStore, IsPrivateAndSurvivesReopening) {
  ASSERT_TRUE(open()->insert(sample_key_record(1)));
  struct stat status {};
  ASSERT_EQ(stat(file_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  auto again = open();
  EXPECT_EQ(again->list()->size(), 1u);
  EXPECT_EQ(again->changes_since(0)->changed.size(), 1u);
}

// The gate and the admin are two processes: what one commits the other reads, and both may write.
TEST_F(SqliteKeyStore, TwoProcessesShareOneFile) {
  int turns[2];
  ASSERT_EQ(pipe(turns), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto own = open_sqlite_key_store(file_);
    bool done = own && (*own)->insert(sample_key_record(1)) && (*own)->revoke(sample_key_record(1).id, Timestamp{5});
    done = done && write(turns[1], "x", 1) == 1;
    _exit(done ? 0 : 1);
  }
  auto store = open();
  ASSERT_TRUE(store->insert(sample_key_record(2)));
  char turn = 0;
  ASSERT_EQ(read(turns[0], &turn, 1), 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  close(turns[0]);
  close(turns[1]);
  const auto changes = store->changes_since(0);
  ASSERT_EQ(changes->changed.size(), 2u);
  EXPECT_EQ(changes->generation, 3u);
  EXPECT_EQ((*store->find(sample_key_record(1).id))->revoked_at, Timestamp{5});
}

TEST_F(SqliteKeyStore, ALockedDatabaseIsUnavailableButReadable) {
  auto store = open({sqlite::Access::create, 10});
  ASSERT_TRUE(store->insert(sample_key_record(1)));
  auto other = sqlite::Database::open(file_);
  ASSERT_TRUE(other);
  auto held = other->begin(sqlite::TransactionKind::write);
  ASSERT_TRUE(held);
  const auto refused = store->insert(sample_key_record(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find(sample_key_record(2).id.text), std::string::npos);
  EXPECT_EQ(store->changes_since(0)->changed.size(), 1u);
  ASSERT_TRUE(held->commit());
  EXPECT_TRUE(store->insert(sample_key_record(2)));
}

TEST_F(SqliteKeyStore, AReadOnlyStoreReadsAndSaysWhyItCannotWrite) {
  auto writer = open();
  ASSERT_TRUE(writer->insert(sample_key_record(1)));
  ASSERT_TRUE(writer->revoke(sample_key_record(1).id, Timestamp{5}));
  auto reader = open({sqlite::Access::read_only, 10});
  EXPECT_EQ(reader->list()->size(), 1u);
  const auto refused = reader->insert(sample_key_record(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find("writable"), std::string::npos);
  EXPECT_FALSE(reader->add_usage({{sample_key_record(1).id, 1, Timestamp{1}}}));
  EXPECT_TRUE(reader->revoke(sample_key_record(1).id, Timestamp{6}));  // revoked before: nothing to write
  EXPECT_TRUE(reader->edit(sample_key_record(1).id, [](KeyRecord&) {}));
  EXPECT_EQ(reader->edit(sample_key_record(1).id, [](KeyRecord& record) { record.label = "x"; }).error().code, ErrorCode::unavailable);
}

TEST_F(SqliteKeyStore, AFullDiskIsUnavailableAndNothingHalfWritten) {
  ASSERT_TRUE(open()->insert(sample_key_record(1)));
  const int status = exit_status_of_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto store = open_sqlite_key_store(file_);
    const rlimit none{1024, 1024};
    if (!store || setrlimit(RLIMIT_FSIZE, &none) != 0) return 2;
    const auto refused = (*store)->insert(sample_key_record(2));
    if (refused || refused.error().code != ErrorCode::unavailable) return 3;
    if ((*store)->revoke(sample_key_record(1).id, Timestamp{5})) return 4;
    return (*store)->list().has_value() && (*store)->list()->size() == 1 && (*store)->generation() == 1u ? 0 : 5;
  });
  EXPECT_EQ(status, 0);
  auto after = open();
  EXPECT_EQ(after->list()->size(), 1u);
  EXPECT_FALSE(after->list()->front().revoked_at);
  EXPECT_TRUE(after->insert(sample_key_record(2)));
}

TEST_F(SqliteKeyStore, ADamagedFileIsRefusedAtTheStart) {
  std::ofstream(file_) << "SQLite format 3" << std::string(5000, '\1');
  const auto refused = open_sqlite_key_store(file_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
}

TEST_F(SqliteKeyStore, ADamagedRowIsCorruptNotAbsent) {
  auto store = open();
  ASSERT_TRUE(store->insert(sample_key_record(1)));
  ASSERT_TRUE(sqlite::Database::open(file_)->execute("UPDATE keys SET components = 'NOT A NAME'"));
  EXPECT_EQ(store->find(sample_key_record(1).id).error().code, ErrorCode::corrupt);
  EXPECT_EQ(store->changes_since(0).error().code, ErrorCode::corrupt);
}

// Writes would reach nobody, and a gate would let in what the restored file says is revoked.
TEST_F(SqliteKeyStore, AFileReplacedMeanwhileIsNotUsedOn) {
  auto store = open();
  ASSERT_TRUE(store->insert(sample_key_record(1)));
  std::filesystem::path elsewhere = file_;
  elsewhere += ".elsewhere";
  std::filesystem::rename(file_, elsewhere);
  EXPECT_EQ(store->generation().error().code, ErrorCode::not_found);
  open();
  EXPECT_EQ(store->changes_since(0).error().code, ErrorCode::not_found);
  EXPECT_EQ(store->insert(sample_key_record(2)).error().code, ErrorCode::not_found);
  EXPECT_EQ(store->revoke(sample_key_record(1).id, Timestamp{5}).error().code, ErrorCode::not_found);
}

// The first release's table with a row of it, as its program wrote them.
TEST_F(SqliteKeyStore, KeysOfTheFirstReleaseKeepTheirMeaning) {
  {
    auto old = sqlite::Database::open(file_);
    ASSERT_TRUE(old);
    ASSERT_TRUE(old->execute(R"sql(
CREATE TABLE keys(
  id           TEXT PRIMARY KEY,
  digest       BLOB NOT NULL UNIQUE CHECK(length(digest) = 32),
  pepper_id    TEXT NOT NULL,
  component    TEXT NOT NULL,
  label        TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  use_count    INTEGER NOT NULL,
  generation   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_generation ON keys(generation);
CREATE TABLE store(only_row INTEGER PRIMARY KEY CHECK(only_row = 1), generation INTEGER NOT NULL) STRICT;
INSERT INTO store VALUES (1, 7);
INSERT INTO keys VALUES ('key_old', zeroblob(32), 'pepper', 'core', 'ACME', 100, 200, NULL, 150, 3, 7);
PRAGMA user_version = 1;
)sql"));
  }
  auto store = open();
  const KeyRecord expected{.id = KeyId{"key_old"},
                           .digest = {},
                           .pepper_id = "pepper",
                           .scope = KeyScope::of(ComponentName::parse("core").value()),
                           .label = "ACME",
                           .created_at = Timestamp{100},
                           .expires_at = Timestamp{200},
                           .last_used_at = Timestamp{150},
                           .use_count = 3};
  EXPECT_EQ(store->find(KeyId{"key_old"}).value(), expected);
  EXPECT_EQ(store->generation().value(), 7u);
  EXPECT_EQ(store->changes_since(6)->changed.size(), 1u);
  EXPECT_TRUE(store->insert(sample_key_record(1)));
}

TEST_F(SqliteKeyStore, ANewerDatabaseIsRefused) {
  open();
  ASSERT_TRUE(sqlite::Database::open(file_)->execute("PRAGMA user_version = 99"));
  EXPECT_EQ(open_sqlite_key_store(file_).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
