#include "promote/recovery.h"

#include <algorithm>

#include "promote/release_maker.h"
#include "promote/store_paths.h"
#include "promote/store_session.h"
#include "tests/support/memory_object_store.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class RecoveryTest : public PressFixture {
 protected:
  // A promotion that is prepared, and whose first move then fails: a file lies where a folder must be.
  void interrupt_after_prepared() {
    stage_package("acme", "1.0");
    fs::create_directories(public_);
    std::ofstream(public_ / "index") << "in the way";
    const auto outcome = promote();
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("the next command finishes it"), std::string::npos);
    EXPECT_EQ(live(), 0u);
    fs::remove(public_ / "index");
  }
};

TEST_F(RecoveryTest, APreparedReleaseIsFinishedForwards) {
  interrupt_after_prepared();
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.finished, 1u);
  EXPECT_FALSE(outcome.release);
  EXPECT_EQ(live(), 1u);
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), std::set<std::string>{"acme 1.0"});
  EXPECT_FALSE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
}

TEST_F(RecoveryTest, TheNextPromotionFinishesItAndGoesOn) {
  interrupt_after_prepared();
  stage_package("tool", "1.0");
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.finished, 1u);
  EXPECT_EQ(outcome.release, 2u);
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), (std::set<std::string>{"acme 1.0", "tool 1.0"}));
}

TEST_F(RecoveryTest, WhatWasStagedAgainMeanwhileIsNotArchivedUnpublished) {
  stage("core/2025/rpm/el9-x86_64", "comps.xml", "first");
  interrupt_after_prepared();
  stage("core/2025/rpm/el9-x86_64", "comps.xml", "second");
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.finished, 1u);
  EXPECT_EQ(outcome.release, 2u);
  EXPECT_EQ(read(staging_folder_ / ".archive/000002/core/2025/rpm/el9-x86_64/comps.xml"), "second");
  EXPECT_FALSE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/comps.xml"));
}

TEST_F(RecoveryTest, AnUnfinishedCandidateIsThrownAway) {
  fs::create_directories(state_ / "incoming/000001/pool");
  std::ofstream(state_ / "incoming/000001/pool/x") << "half";
  fs::create_directories(state_ / "incoming/scratch");
  stage_package("acme", "1.0");
  EXPECT_EQ(publish(), 1u);
  EXPECT_FALSE(fs::exists(public_ / "pool/x"));
}

TEST_F(RecoveryTest, APreparedReleaseWhoseFilesAreGoneIsToldNotGuessed) {
  interrupt_after_prepared();
  fs::remove_all(state_ / "incoming");
  const auto outcome = promote();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::corrupt);
}

// Killed after "prepared", with the first so many steps done: four moves, the switch, the first file of two archived.
class RecoveryAtEachStepTest : public RecoveryTest, public testing::WithParamInterface<int> {};

TEST_P(RecoveryAtEachStepTest, GoesOnWhereItStopped) {
  interrupt_after_prepared();
  const fs::path candidate = state_ / "incoming/000001";
  const char* parts[] = {"index", "pool", "generations", "releases"};
  for (int step = 0; step < std::min(GetParam(), 4); ++step) fs::rename(candidate / parts[step], public_ / parts[step]);
  if (GetParam() >= 5) fs::create_symlink("releases/000001", public_ / "current");
  const std::string package = "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm";
  if (GetParam() >= 6) {
    fs::create_directories((staging_folder_ / ".archive/000001" / package).parent_path());
    fs::rename(staging_folder_ / package, staging_folder_ / ".archive/000001" / package);
  }
  const auto outcome = promote();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->finished, 1u);
  EXPECT_TRUE(outcome->findings.empty());
  EXPECT_EQ(live(), 1u);
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), std::set<std::string>{"acme 1.0"});
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001" / package));
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001" / (package + ".sha256")));
  EXPECT_FALSE(promote()->finished);
}

INSTANTIATE_TEST_SUITE_P(Steps, RecoveryAtEachStepTest, testing::Range(0, 7));

TEST_F(RecoveryTest, AnyOtherCandidateIsThrownAwayBesideAPreparedOne) {
  interrupt_after_prepared();
  fs::create_directories(state_ / "incoming/000002/pool");
  std::ofstream(state_ / "incoming/000002/pool/x") << "half";
  EXPECT_EQ(promote()->finished, 1u);
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
  EXPECT_FALSE(fs::exists(public_ / "pool/x"));
}

TEST_F(RecoveryTest, ARebuildUploadedMeanwhileIsToldNotArchived) {
  interrupt_after_prepared();
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "rebuilt\n");
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.finished, 1u);
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_NE(outcome.findings[0].problem.find("other bytes"), std::string::npos);
}

TEST_F(RecoveryTest, AnArchiveThatIsAwayHoldsUpNoOtherCommand) {
  MemoryObjectStore archive;
  const PressParts parts{settings_, *staging_, "", archive, {&format_}, signer_, clock_, log_, progress_,
                         audit_, parts_->actor, parts_->verify};
  stage_package("acme", "1.0");
  archive.fail_with(Error{ErrorCode::unavailable, "away"});
  EXPECT_EQ(Promoter(parts).promote({})->release, 1u);
  const std::string package = "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm";
  EXPECT_TRUE(fs::exists(staging_folder_ / package));
  EXPECT_TRUE(StoreSession::open(parts)) << "what a rollback begins with";
  EXPECT_EQ(Promoter(parts).promote({}).error().code, ErrorCode::unavailable) << "what is published is still in staging";
  archive.fail_with(std::nullopt);
  EXPECT_FALSE(Promoter(parts).promote({})->release);
  EXPECT_FALSE(fs::exists(staging_folder_ / package));
  EXPECT_TRUE(archive.stat(ObjectKey::parse("000001/" + package).value()));
}

TEST_F(RecoveryTest, AnArchiveElsewhereGetsACopyAndStagingIsCleared) {
  MemoryObjectStore archive;
  const PressParts parts{settings_, *staging_, "", archive, {&format_}, signer_, clock_, log_, progress_,
                         audit_, parts_->actor, parts_->verify};
  stage_package("acme", "1.0");
  ASSERT_TRUE(Promoter(parts).promote({})->release);
  const std::string package = "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm";
  EXPECT_FALSE(fs::exists(staging_folder_ / package));
  EXPECT_EQ(read_small_object(archive, ObjectKey::parse("000001/" + package).value(), 1000).value(),
            FakeFormat::package("acme", "1.0", "x86_64"));
}

}  // namespace
}  // namespace packyard
