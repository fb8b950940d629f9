#include "backup/store_snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/catalog.h"
#include "storage/store_lock.h"
#include "tests/support/backup_site.h"

namespace packyard {
namespace {

class StoreSnapshotTest : public testing::Test {
 protected:
  StoreSnapshotTest() { std::filesystem::create_directory(copies_); }
  Result<StoreSnapshot> take() { return take_snapshot(site_.sources_.store, copies_, site_.clock_, std::chrono::seconds(10)); }
  static std::set<std::string> names(const StoreSnapshot& snapshot) {
    std::set<std::string> names;
    for (const SnapshotFile& file : snapshot.files) names.insert(file.path.text());
    for (const SnapshotLink& link : snapshot.links) names.insert(link.path.text() + " -> " + link.target);
    return names;
  }
  BackupSite site_;
  const std::filesystem::path copies_ = site_.folder_ / "copies";
};

TEST_F(StoreSnapshotTest, AnEmptyStoreHasNoReleaseAndNoCatalog) {
  const auto snapshot = take().value();
  EXPECT_FALSE(snapshot.release);
  EXPECT_FALSE(snapshot.catalog);
  EXPECT_EQ(names(snapshot), std::set<std::string>{"public_keys/lts.asc"});
}

TEST_F(StoreSnapshotTest, HasTheReleaseThatIsServed) {
  site_.publish(7, "bytes");
  const auto snapshot = take().value();
  EXPECT_EQ(snapshot.release, 7u);
  ASSERT_TRUE(snapshot.catalog);
  EXPECT_EQ(names(snapshot),
            (std::set<std::string>{
                "public_keys/lts.asc", "public/pool/deb/core/2025/acme_7_all.deb", "public/releases/000007/release.json",
                "public/generations/deb/core/2025/bookworm/000007/InRelease", "public/current -> releases/000007",
                "public/releases/000007/deb/core/2025/bookworm -> "
                "../../../../../generations/deb/core/2025/bookworm/000007"}));
}

TEST_F(StoreSnapshotTest, WaitsForAPromotionAndGivesTheStoreBack) {
  {
    const auto lock = StoreLock::take(site_.sources_.store.lock).value();
    const auto refused = take();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  }
  ASSERT_TRUE(take());
  EXPECT_TRUE(StoreLock::take(site_.sources_.store.lock));
}

TEST_F(StoreSnapshotTest, KeepsTheCandidateOfAnInterruptedPromotion) {
  site_.publish(1, "one");
  BackupSite::write(site_.state_ / "incoming/000002/pool/x", "new");
  BackupSite::write(site_.state_ / "incoming/scratch/y", "of nobody");
  EXPECT_FALSE(names(take().value()).contains("state/incoming/000002/pool/x"));
  auto catalog = Catalog::open(site_.sources_.store.catalog).value();
  ASSERT_TRUE(catalog.add_release({.number = 2, .published_at = site_.clock_.now(), .superseded_at = {}, .summary = ""}, {}));
  std::filesystem::remove_all(copies_);
  std::filesystem::create_directory(copies_);
  const auto found = names(take().value());
  EXPECT_TRUE(found.contains("state/incoming/000002/pool/x"));
  EXPECT_FALSE(found.contains("state/incoming/scratch/y"));
}

TEST_F(StoreSnapshotTest, ALinkThatLeavesTheTreeIsRefused) {
  std::filesystem::create_directories(site_.public_);
  std::filesystem::create_symlink("/etc/passwd", site_.public_ / "link");
  EXPECT_EQ(take().error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
