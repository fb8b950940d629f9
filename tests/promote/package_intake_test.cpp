#include "promote/package_intake.h"

#include "tests/support/memory_object_store.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class PackageIntakeTest : public PressFixture {
 protected:
  Result<Intake> take(Copies copies = Copies::kept) {
    fs::create_directories(folder_ / "scratch");
    const auto staged = StagingArea(*staging_, ".archive", settings_).read({}).value();
    return take_in(*parts_, staged, folder_ / "scratch", copies);
  }
};

TEST_F(PackageIntakeTest, CopiesAndReads) {
  stage_package("acme", "1.0");
  stage("core/2025/rpm/el9-x86_64", "comps.xml", "<comps/>");
  const auto intake = take().value();
  ASSERT_EQ(intake.packages.size(), 1u);
  EXPECT_EQ(intake.packages[0].facts.name, "acme");
  EXPECT_EQ(read(intake.packages[0].staged.parts[0].copy), FakeFormat::package("acme", "1.0", "x86_64"));
  ASSERT_EQ(intake.supplements.size(), 1u);
  EXPECT_EQ(intake.supplements[0].text, "<comps/>");
}

TEST_F(PackageIntakeTest, CopiesThatAreNotKeptAreGone) {
  stage_package("acme", "1.0");
  EXPECT_EQ(take(Copies::removed)->packages.size(), 1u);
  EXPECT_TRUE(fs::is_empty(folder_ / "scratch"));
}

TEST_F(PackageIntakeTest, AFlippedBitAndACutFileAreFindings) {
  stage_package("flipped", "1.0");
  stage_package("cut", "1.0");
  const fs::path folder = staging_folder_ / "core/2025/rpm/el9-x86_64";
  std::string bytes = read(folder / "flipped-1.0.x86_64.rpm");
  bytes[3] ^= 1;
  std::ofstream(folder / "flipped-1.0.x86_64.rpm") << bytes;
  fs::resize_file(folder / "cut-1.0.x86_64.rpm", 5);
  const auto intake = take().value();
  EXPECT_EQ(intake.findings.size(), 2u);
  for (const auto& finding : intake.findings) EXPECT_NE(finding.problem.find("SHA-256"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder_ / "scratch"));
}

TEST_F(PackageIntakeTest, AnUnreachableStoreIsAnErrorNotAFinding) {
  MemoryObjectStore away;
  stage_package("acme", "1.0");
  const auto staged = StagingArea(*staging_, ".archive", settings_).read({}).value();
  away.fail_with(Error{ErrorCode::unavailable, "the store is away"});
  const PressParts parts{settings_, away, ".archive", away, {&format_}, signer_, clock_, log_, progress_,
                         audit_, parts_->actor, parts_->verify};
  fs::create_directories(folder_ / "scratch");
  const auto intake = take_in(parts, staged, folder_ / "scratch", Copies::kept);
  ASSERT_FALSE(intake);
  EXPECT_EQ(intake.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
