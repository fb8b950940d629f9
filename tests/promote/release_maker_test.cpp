#include "promote/release_maker.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class ReleaseMakerTest : public PressFixture {
 protected:
  const TargetId el9_ = TargetId::parse("rpm/core/2025/el9-x86_64").value();
};

TEST_F(ReleaseMakerTest, AnUnfinishedOneLeavesNothing) {
  auto session = StoreSession::open(*parts_).value();
  {
    auto maker = ReleaseMaker::begin(*parts_, session, ReleaseKind::promotion).value();
    EXPECT_EQ(maker.number(), 1u);
    EXPECT_EQ(maker.change(el9_).value(), 1u);
    EXPECT_EQ(maker.change(el9_).value(), 1u);
    EXPECT_TRUE(fs::exists(maker.candidate()));
  }
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
  EXPECT_EQ(session.catalog().newest_generation(el9_).value(), 0u);
  EXPECT_EQ(session.catalog().newest_release().value(), 0u);
}

TEST_F(ReleaseMakerTest, UnchangedTargetsAreLinkedToTheirGeneration) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el8-x86_64");
  publish();
  EXPECT_EQ(fs::read_symlink(public_ / "releases/000002/rpm/core/2025/el9-x86_64"),
            "../../../../../generations/rpm/core/2025/el9-x86_64/000001");
  EXPECT_EQ(fs::read_symlink(public_ / "releases/000002/rpm/core/2025/el8-x86_64"),
            "../../../../../generations/rpm/core/2025/el8-x86_64/000001");
}

TEST_F(ReleaseMakerTest, TheReleaseCoversTheContentsByDigest) {
  stage_package("acme", "1.0");
  publish();
  const auto contents = sha256(read(public_ / "current/rpm/core/2025/el9-x86_64/contents.json"));
  EXPECT_NE(read(public_ / "current/release.json").find(contents.hex()), std::string::npos);
}

}  // namespace
}  // namespace packyard
