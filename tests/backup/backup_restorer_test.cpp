#include "backup/backup_restorer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/backup_site.h"
#include "tests/support/memory_object_store.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

class BackupRestorerTest : public testing::Test {
 protected:
  BackupRestorerTest() {
    site_.publish(1, "one");
    site_.add_key();
  }
  void back_up(Sealing sealing = Sealing::none) {
    auto made = site_.back_up(store_, BackupKind::daily, sealing);
    ASSERT_TRUE(made) << made.error().message;
    manifest_ = made->manifest;
  }
  Result<RestoreOutcome> restore(const fs::path& identity = {}) {
    return BackupRestorer(store_, site_.runner_).restore(manifest_, {site_.places(), identity});
  }
  void change(const std::string& name, const std::function<void(std::string&)>& how) {
    const auto key = ObjectKey::parse(name).value();
    std::string bytes = read_small_object(store_, key, 1 << 24).value();
    how(bytes);
    ASSERT_TRUE(store_.put(key, bytes));
  }
  static mode_t mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  BackupSite site_;
  MemoryObjectStore store_;
  BackupManifest manifest_;
};

TEST_F(BackupRestorerTest, EverythingIsThereAsItWas) {
  const fs::path identity = site_.make_identity();
  fs::last_write_time(site_.public_ / "releases/000001/release.json",
                      fs::file_time_type::clock::now() - std::chrono::hours(1000));
  back_up(Sealing::encrypted);
  const auto outcome = restore(identity);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->damages.empty());
  EXPECT_EQ(outcome->files, manifest_.files.size());
  site_.expect_restored();
  const RestorePlaces back = site_.places();
  for (const char* name : {"releases/000001/release.json", "pool/deb/core/2025/acme_1_all.deb"}) {
    EXPECT_EQ(fs::last_write_time(back.published / name), fs::last_write_time(site_.public_ / name)) << name;
    EXPECT_EQ(mode_of(back.published / name), 0644u);
    EXPECT_EQ(mode_of((back.published / name).parent_path()), 0755u);
  }
  EXPECT_EQ(mode_of(back.state), 0700u);
  EXPECT_EQ(mode_of(back.state / "peppers"), 0700u);
  EXPECT_EQ(mode_of(back.state / "keys.db"), 0600u);
  EXPECT_EQ(mode_of(back.state / "peppers" / site_.pepper_), 0600u);
  // Which pepper is the current one is told by the time.
  EXPECT_EQ(fs::last_write_time(back.state / "peppers" / site_.pepper_),
            fs::last_write_time(site_.state_ / "peppers" / site_.pepper_));
  EXPECT_EQ(BackupSite::read(back.settings / "packyard.yml"), "# settings\n");
  EXPECT_FALSE(fs::exists(back.marker()));
  EXPECT_TRUE(fs::exists(back.state / "catalog.db"));
}

TEST_F(BackupRestorerTest, OverwritesNothing) {
  back_up();
  BackupSite::write(site_.places().published / "current", "something");
  const auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(BackupSite::tree(site_.folder_ / "back"), (std::map<std::string, std::string>{{"public/current", "something"}}));
}

TEST_F(BackupRestorerTest, WithoutTheRightIdentityNothingIsCalledDamaged) {
  const fs::path own = site_.make_identity();
  back_up(Sealing::encrypted);
  EXPECT_NE(restore().error().message.find("--identity"), std::string::npos);
  BackupSite other;
  const auto refused = restore(other.make_identity());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_TRUE(restore(own));
  site_.expect_restored();
}

TEST_F(BackupRestorerTest, EachDamageIsNamedTheRestRestoredAndNothingServed) {
  back_up();
  const std::string flipped = BackupVault::blob_name(sha256("one")), missing = BackupVault::blob_name(sha256("signed 1"));
  change(flipped, [](std::string& bytes) { bytes[0] = static_cast<char>(bytes[0] ^ 4); });
  ASSERT_TRUE(store_.remove(ObjectKey::parse(missing).value()));
  change(BackupVault::secret_name(manifest_.id, 0), [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
  const auto outcome = restore();
  ASSERT_TRUE(outcome) << outcome.error().message;
  std::map<std::string, std::string> damages;
  for (const BackupDamage& damage : outcome->damages) damages[damage.subject] = damage.problem;
  ASSERT_EQ(damages.size(), 3u);
  EXPECT_NE(damages.at("public/pool/deb/core/2025/acme_1_all.deb").find(flipped), std::string::npos);
  EXPECT_NE(damages.at("public/generations/deb/core/2025/bookworm/000001/InRelease").find("no object"), std::string::npos);
  EXPECT_NE(damages.at("keys/keys.db").find("ends after"), std::string::npos);
  const RestorePlaces back = site_.places();
  EXPECT_TRUE(fs::exists(back.published / "releases/000001/release.json"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(back.published / "current")));
  EXPECT_FALSE(fs::exists(back.published / "pool/deb/core/2025/acme_1_all.deb"));
}

TEST_F(BackupRestorerTest, AnInterruptedOneGoesOn) {
  back_up();
  const std::string missing = BackupVault::blob_name(sha256("one"));
  ASSERT_TRUE(store_.remove(ObjectKey::parse(missing).value()));
  ASSERT_EQ(restore()->damages.size(), 1u);
  // Half a file, as a killed one leaves it.
  BackupSite::write(site_.places().published / "releases/000001/release.json", "{");
  ASSERT_TRUE(store_.put(ObjectKey::parse(missing).value(), "one"));
  const auto again = restore();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->damages.empty());
  site_.expect_restored();
}

TEST_F(BackupRestorerTest, AStoreThatIsAwayIsNoDamage) {
  back_up();
  store_.fail_with(Error{ErrorCode::unavailable, "away"});
  EXPECT_EQ(restore().error().code, ErrorCode::unavailable);
  store_.fail_with(std::nullopt);
  EXPECT_TRUE(restore());
  site_.expect_restored();
}

TEST_F(BackupRestorerTest, KeysGoToTheirOwnFolder) {
  back_up();
  RestoreRequest request{site_.places(), {}};
  request.places.keys = site_.folder_ / "keys_elsewhere";
  ASSERT_TRUE(BackupRestorer(store_, site_.runner_).restore(manifest_, request));
  EXPECT_TRUE(fs::exists(request.places.keys / "keys.db"));
  EXPECT_FALSE(fs::exists(request.places.state / "keys.db"));
  EXPECT_TRUE(fs::exists(request.places.state / "catalog.db"));
}

}  // namespace
}  // namespace packyard
