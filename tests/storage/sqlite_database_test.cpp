#include "storage/sqlite_database.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>

#include "core/command_runner.h"
#include "core/durable_file.h"
#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"

namespace packyard::sqlite {
namespace {

class SqliteDatabase : public testing::Test {
 protected:
  Database open(Options options = {}) {
    auto database = Database::open(file_, options);
    EXPECT_TRUE(database) << database.error().message;
    return std::move(*database);
  }
  unsigned mode_of(const std::filesystem::path& file) {
    struct stat status {};
    EXPECT_EQ(stat(file.c_str(), &status), 0) << file;
    return status.st_mode & 0777u;
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "test.db";
};

TEST_F(SqliteDatabase, KeepsEveryKindOfValue) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(a INTEGER, b TEXT, c BLOB, d TEXT, e INTEGER) STRICT"));
  const std::string zeros("\0x\0", 3);
  auto insert = database.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)");
  ASSERT_TRUE(insert);
  ASSERT_TRUE(insert->run({std::int64_t{-7}, "grün", Blob{zeros}, std::nullopt, std::optional<std::int64_t>(9)}));
  ASSERT_TRUE(insert->run({1, "", Blob{""}, std::optional<std::string>("x"), std::optional<std::int64_t>()}));
  EXPECT_EQ(database.changed_rows(), 1);
  EXPECT_EQ(database.last_row_id(), 2);
  auto select = database.prepare("SELECT a, b, c, d, e FROM t ORDER BY a");
  ASSERT_TRUE(select);
  int rows = 0;
  ASSERT_TRUE(select->for_each({}, [&](const Row& row) -> Result<void> {
    if (++rows == 1) {
      EXPECT_EQ(row.integer(0), -7);
      EXPECT_EQ(row.text(1), "grün");
      EXPECT_EQ(row.blob(2), zeros);
      EXPECT_TRUE(row.is_null(3));
      EXPECT_EQ(row.optional_integer(4), 9);
    } else {
      EXPECT_EQ(row.text(1), "");
      EXPECT_FALSE(row.is_null(1));
      EXPECT_EQ(row.blob(2), "");
      EXPECT_FALSE(row.is_null(2));
      EXPECT_EQ(row.optional_text(3), "x");
      EXPECT_EQ(row.optional_integer(4), std::nullopt);
    }
    return {};
  }));
  EXPECT_EQ(rows, 2);
}

TEST_F(SqliteDatabase, UsesAWriteAheadLogAndSyncsFully) {
  Database database = open();
  EXPECT_EQ(database.query_integer("PRAGMA synchronous").value(), 2);
  EXPECT_EQ(database.query_integer("PRAGMA foreign_keys").value(), 1);
  ASSERT_TRUE(database.execute("CREATE TABLE t(a)"));
  EXPECT_EQ(mode_of(file_), 0600u);
  EXPECT_EQ(mode_of(file_.string() + "-wal"), 0600u);
  EXPECT_EQ(mode_of(file_.string() + "-shm"), 0600u);
}

TEST_F(SqliteDatabase, TightensTheModeOfAnExistingFile) {
  { ASSERT_TRUE(open().execute("CREATE TABLE t(a)")); }
  std::filesystem::permissions(file_, std::filesystem::perms(0644));
  open();
  EXPECT_EQ(mode_of(file_), 0600u);
}

TEST_F(SqliteDatabase, AnUncommittedTransactionLeavesNothing) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(a)"));
  {
    auto transaction = database.begin(TransactionKind::write);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(database.query_integer("SELECT count(*) FROM t").value(), 0);
  auto transaction = database.begin(TransactionKind::write);
  ASSERT_TRUE(transaction);
  ASSERT_TRUE(database.run("INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(database.query_integer("SELECT count(*) FROM t").value(), 1);
}

TEST_F(SqliteDatabase, AnErrorInTheCallbackEndsTheQueryAndFreesTheStatement) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)"));
  auto select = database.prepare("SELECT a FROM t");
  ASSERT_TRUE(select);
  int calls = 0;
  const auto stopped = select->for_each({}, [&](const Row&) -> Result<void> {
    ++calls;
    return fail(ErrorCode::invalid, "enough");
  });
  EXPECT_EQ(stopped.error().message, "enough");
  EXPECT_EQ(calls, 1);
  ASSERT_TRUE(database.execute("DROP TABLE t"));  // fails as locked while a statement is in use
}

TEST_F(SqliteDatabase, AWrongStatementIsOurFault) {
  Database database = open();
  EXPECT_EQ(database.execute("CREATE TABLE t(a) WRONG").error().code, ErrorCode::internal);
  EXPECT_EQ(database.prepare("SELECT a FROM absent").error().code, ErrorCode::internal);
}

// A second connection of the same process must not drop the locks of the first: then another process, closing last, would take
// the write-ahead log away under it.
TEST_F(SqliteDatabase, ASecondConnectionKeepsTheLocksOfTheFirst) {
  Database first = open();
  ASSERT_TRUE(first.execute("CREATE TABLE t(a)"));
  { Database second = open(); }
  SystemCommandRunner runner;
  Command other;
  other.arguments = {"sqlite3", file_.string(), "INSERT INTO t VALUES (1)"};
  const auto outcome = runner.run(other);
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_EQ(outcome->exit_status, 0) << outcome->errors;
  EXPECT_TRUE(std::filesystem::exists(file_.string() + "-wal"));
  EXPECT_EQ(first.query_integer("SELECT count(*) FROM t").value(), 1);
}

TEST_F(SqliteDatabase, AConstraintIsAConflict) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(a PRIMARY KEY); INSERT INTO t VALUES (1)"));
  const auto again = database.run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
  EXPECT_NE(again.error().message.find(file_.string()), std::string::npos);
}

TEST_F(SqliteDatabase, ALockHeldElsewhereIsUnavailableAfterTheTimeout) {
  Database first = open();
  ASSERT_TRUE(first.execute("CREATE TABLE t(a)"));
  Database second = open({Access::create, 10});
  auto held = first.begin(TransactionKind::write);
  ASSERT_TRUE(held);
  const auto refused = second.begin(TransactionKind::write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find("try again"), std::string::npos);
  EXPECT_EQ(second.query_integer("SELECT count(*) FROM t").value(), 0);  // readers go on
  ASSERT_TRUE(held->commit());
  EXPECT_TRUE(second.begin(TransactionKind::write));
}

// A recovery that hangs, a foreign tool: who holds all lock bytes of the -shm file keeps even readers out (sqlite.org/walformat.html 2.3).
TEST_F(SqliteDatabase, ReadersThatAreLockedOutAreToldToTryAgain) {
  { ASSERT_TRUE(open().execute("CREATE TABLE t(a)")); }
  Database reader = open();
  std::array<int, 2> held{}, over{};
  ASSERT_EQ(pipe(held.data()) + pipe(over.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const int file = ::open((file_.string() + "-shm").c_str(), O_RDWR);
    struct flock every_lock {};
    every_lock.l_type = F_WRLCK;
    every_lock.l_whence = SEEK_SET;
    every_lock.l_start = 120;
    every_lock.l_len = 8;
    char byte = file >= 0 && fcntl(file, F_SETLKW, &every_lock) == 0 ? 'y' : 'n';
    close(over[1]);
    if (write(held[1], &byte, 1) != 1 || read(over[0], &byte, 1) != 0) _exit(1);
    _exit(0);
  }
  char is_held = 0;
  ASSERT_EQ(read(held[0], &is_held, 1), 1);
  ASSERT_EQ(is_held, 'y');
  const auto refused = reader.query_integer("SELECT count(*) FROM t");
  EXPECT_TRUE(!refused && refused.error().code == ErrorCode::unavailable) << (refused ? "it was read" : refused.error().message);
  close(over[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(reader.query_integer("SELECT count(*) FROM t").value(), 0);
  for (const int end : {held[0], held[1], over[0]}) close(end);
}

TEST_F(SqliteDatabase, ReadOnlyAccessCannotWriteOrMake) {
  EXPECT_EQ(Database::open(file_, {Access::read_only, 10}).error().code, ErrorCode::not_found);
  EXPECT_EQ(Database::open(file_, {Access::read_write, 10}).error().code, ErrorCode::not_found);
  Database writer = open();
  ASSERT_TRUE(writer.execute("CREATE TABLE t(a)"));
  Database reader = open({Access::read_only, 10});
  const auto refused = reader.run("INSERT INTO t VALUES (1)");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
}

TEST_F(SqliteDatabase, DamageIsCorrupt) {
  std::ofstream(file_) << std::string(8192, 'x');
  const auto foreign = Database::open(file_);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::corrupt);
  EXPECT_NE(foreign.error().message.find("backup"), std::string::npos);

  std::filesystem::remove(file_);
  {
    Database database = open();
    ASSERT_TRUE(database.execute("CREATE TABLE t(a); CREATE INDEX i ON t(a)"));
    ASSERT_TRUE(database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
                                 "INSERT INTO t SELECT hex(randomblob(20)) FROM n"));
    ASSERT_TRUE(database.check_integrity());
  }
  std::string bytes = read_small_file(file_, 1 << 22).value();
  for (std::size_t page = 2 * 4096; page + 4096 <= bytes.size(); page += 4096) bytes.replace(page, 100, 100, '\x7f');
  ASSERT_TRUE(write_file_durably(file_, bytes, FileMode::owner_only));
  Database damaged = open();
  const auto checked = damaged.check_integrity();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::corrupt);
}

TEST_F(SqliteDatabase, AFullDiskIsUnavailableAndLosesNothing) {
  { ASSERT_TRUE(open().execute("CREATE TABLE t(a); INSERT INTO t VALUES ('kept')")); }
  const int status = exit_status_of_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    auto database = Database::open(file_);
    const rlimit little{64 * 1024, 64 * 1024};
    if (!database || setrlimit(RLIMIT_FSIZE, &little) != 0) return 2;
    const auto refused = database->run("INSERT INTO t VALUES (randomblob(1000000))");
    if (refused || refused.error().code != ErrorCode::unavailable) return 3;
    return database->query_integer("SELECT count(*) FROM t").value_or(0) == 1 ? 0 : 4;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(open().query_integer("SELECT count(*) FROM t WHERE a = 'kept'").value(), 1);
}

TEST_F(SqliteDatabase, BacksUpWhileInUse) {
  Database database = open();
  ASSERT_TRUE(database.execute("CREATE TABLE t(a); INSERT INTO t VALUES (42)"));
  Database reader = open();
  auto reading = reader.begin(TransactionKind::read);
  ASSERT_TRUE(reading);
  const auto copy = folder_ / "copy's.db";
  ASSERT_TRUE(database.back_up_to(copy));
  EXPECT_EQ(mode_of(copy), 0600u);
  EXPECT_EQ(Database::open(copy)->query_integer("SELECT a FROM t").value(), 42);
  EXPECT_EQ(database.back_up_to(copy).error().code, ErrorCode::conflict);
  EXPECT_EQ(database.back_up_to(folder_ / "absent" / "copy").error().code, ErrorCode::not_found);
}

TEST_F(SqliteDatabase, ProcessesStartingTogetherShareOneFile) {
  constexpr int processes = 6;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      auto database = Database::open(file_);
      bool done = database && database->execute("CREATE TABLE IF NOT EXISTS t(a)");
      for (int row = 0; done && row < 20; ++row) done = database->run("INSERT INTO t VALUES (1)").has_value();
      _exit(done ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().query_integer("SELECT count(*) FROM t").value(), processes * 20);
}

}  // namespace
}  // namespace packyard::sqlite
