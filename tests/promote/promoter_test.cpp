#include "promote/promoter.h"

#include <sys/stat.h>

#include "storage/store_lock.h"
#include "promote/store_paths.h"
#include "promote/withdrawal.h"
#include "storage/catalog.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using PromoterTest = PressFixture;
using Names = std::set<std::string>;

const std::string el9 = "rpm/core/2025/el9-x86_64";
const std::string arm = "rpm/core/2025/el9-aarch64";

TEST_F(PromoterTest, PublishesWhatIsStagedAndArchivesIt) {
  stage_package("acme", "1.0");
  stage_package("tool", "2.0");
  EXPECT_EQ(publish(), 1u);
  EXPECT_EQ(listed(el9), (Names{"acme 1.0", "tool 2.0"}));
  EXPECT_FALSE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001/core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001/core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm.sha256"));
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
  EXPECT_NE(read(public_ / "current/release.json").find("\"kind\":\"promotion\""), std::string::npos);
  EXPECT_FALSE(read(public_ / "current/release.json.asc").empty());
}

TEST_F(PromoterTest, KeepsEarlierVersionsListedAndNamesTheUpgrade) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.1");
  stage_package("fresh", "3");
  const auto outcome = promote().value();
  ASSERT_EQ(outcome.changes.size(), 2u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::upgraded);
  EXPECT_EQ(outcome.changes[0].previous_version, "1.0");
  EXPECT_EQ(outcome.changes[1].kind, ChangeKind::added);
  EXPECT_EQ(listed(el9), (Names{"acme 1.0", "acme 1.1", "fresh 3"}));
}

TEST_F(PromoterTest, PublicationSecondsMoveForward) {
  stage_package("acme", "1.0");
  publish();
  const std::string first = read(public_ / "current" / el9 / "repomd.xml");
  stage_package("acme", "1.1");
  const Timestamp before = clock_.now();
  publish();
  EXPECT_GE(clock_.now().seconds, before.seconds + 1);
  EXPECT_NE(read(public_ / "current" / el9 / "repomd.xml"), first);
  struct stat status {};
  ASSERT_EQ(stat((public_ / "current" / el9 / "repomd.xml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, clock_.now().seconds);
}

TEST_F(PromoterTest, RefusesAClockBehindTheLastRelease) {
  stage_package("acme", "1.0");
  publish();
  clock_.set(Timestamp{clock_.now().seconds - 3600});
  stage_package("acme", "1.1");
  const auto outcome = promote();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("clock"), std::string::npos);
  EXPECT_EQ(live(), 1u);
  clock_.set(Timestamp{clock_.now().seconds + 7200});
  EXPECT_EQ(publish(), 2u);
}

TEST_F(PromoterTest, OneBadPackageStopsAllAndEveryFindingIsTold) {
  stage_package("good", "1.0");
  stage_package("damaged", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "broken");
  stage_package("wrongplace", "1.0", "aarch64");
  stage_package("signed", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "signer: FFFFFFFFFFFFFFFF\n");
  std::ofstream(staging_folder_ / "core/2025/rpm/el9-x86_64/nosum-1.x86_64.rpm") << "x";
  std::ofstream(staging_folder_ / "core/2025/rpm/el9-x86_64/nofile-1.x86_64.rpm.sha256") << "x";
  stage("core/2025/rpm/el9-x86_64", "README.txt", "hello");
  stage_package("good", "1.0", "x86_64", "core/2025/rpm/el10-x86_64");
  const auto before = tree(staging_folder_);
  const auto outcome = promote().value();
  EXPECT_FALSE(outcome.release);
  Names subjects;
  for (const auto& finding : outcome.findings) subjects.insert(finding.subject.substr(finding.subject.rfind('/') + 1));
  EXPECT_EQ(subjects, (Names{"damaged-1.0.x86_64.rpm", "wrongplace-1.0.aarch64.rpm", "signed-1.0.x86_64.rpm",
                             "nosum-1.x86_64.rpm", "nofile-1.x86_64.rpm.sha256", "README.txt", "el10-x86_64"}));
  EXPECT_EQ(tree(staging_folder_), before);
  EXPECT_TRUE(tree(public_).empty());
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
}

TEST_F(PromoterTest, ABadPackageOutsideTheScopeStopsNothing) {
  stage_package("acme", "1.0");
  stage_package("damaged", "1.0", "x86_64", "plus/2025/rpm/el9-x86_64", "broken");
  PromotionRequest request;
  request.scope.component = ComponentName::parse("core").value();
  EXPECT_TRUE(promote(request)->release);
  EXPECT_EQ(listed(el9), Names{"acme 1.0"});
}

TEST_F(PromoterTest, ANameNeverGetsOtherBytes) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "rebuilt\n");
  const auto outcome = promote().value();
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_NE(outcome.findings[0].problem.find("other bytes"), std::string::npos);
  EXPECT_EQ(live(), 1u);
}

TEST_F(PromoterTest, UploadingTheSameAgainChangesNothing) {
  stage_package("acme", "1.0");
  publish();
  const auto before = tree(public_);
  stage_package("acme", "1.0");
  const auto outcome = promote().value();
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_FALSE(outcome.release);
  EXPECT_EQ(tree(public_), before);
  EXPECT_FALSE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
}

TEST_F(PromoterTest, AnOlderVersionNeedsAskingForIt) {
  stage_package("acme", "2.0");
  publish();
  stage_package("acme", "1.9");
  EXPECT_NE(promote()->findings.at(0).problem.find("--allow-older"), std::string::npos);
  PromotionRequest request;
  request.older = OlderVersions::allowed;
  EXPECT_TRUE(promote(request)->release);
  EXPECT_EQ(listed(el9), (Names{"acme 1.9", "acme 2.0"}));
}

TEST_F(PromoterTest, NoarchIsSignedOnceAndListedInEverySibling) {
  stage_package("docs", "1.0", "noarch");
  publish();
  EXPECT_EQ(listed(el9), Names{"docs 1.0"});
  EXPECT_EQ(listed(arm), Names{"docs 1.0"});
  EXPECT_EQ(listed("rpm/core/2025/el8-x86_64"), Names{});
  struct stat one {
  }, other{};
  ASSERT_EQ(stat((public_ / "pool" / el9 / "packages/d/docs-1.0.noarch.rpm").c_str(), &one), 0);
  ASSERT_EQ(stat((public_ / "pool" / arm / "packages/d/docs-1.0.noarch.rpm").c_str(), &other), 0);
  EXPECT_EQ(one.st_ino, other.st_ino);
}

TEST_F(PromoterTest, NoarchStagedUnderTwoTargetsIsOnePackageOrAConflict) {
  stage_package("docs", "1.0", "noarch");
  stage_package("docs", "1.0", "noarch", "core/2025/rpm/el9-aarch64");
  publish();
  EXPECT_EQ(listed(arm), Names{"docs 1.0"});
  stage_package("docs", "1.1", "noarch");
  stage_package("docs", "1.1", "noarch", "core/2025/rpm/el9-aarch64", "other\n");
  const auto outcome = promote().value();
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_NE(outcome.findings[0].problem.find("remove one of them"), std::string::npos);
}

TEST_F(PromoterTest, ANewSiblingIsBackFilledAtTheNextPromotion) {
  const RpmTargetSettings arm_settings = settings_.rpm_targets[1];
  settings_.rpm_targets.erase(settings_.rpm_targets.begin() + 1);
  format_ = FakeFormat({TargetName::parse("el9-x86_64").value()});
  stage_package("docs", "1.0", "noarch");
  stage_package("acme", "1.0");
  publish();
  EXPECT_EQ(listed(arm), Names{});
  settings_.rpm_targets.push_back(arm_settings);
  format_ = FakeFormat({TargetName::parse("el9-x86_64").value(), arm_settings.name});
  stage_package("acme", "1.1");
  publish();
  EXPECT_EQ(listed(arm), Names{"docs 1.0"});
}

TEST_F(PromoterTest, ATargetKeepsTheNewestVersionsThatPolicyAsksFor) {
  settings_.rpm_targets[0].keep_versions = 2;
  for (const char* version : {"1.0", "1.1"}) {
    stage_package("acme", version);
    publish();
  }
  stage_package("acme", "1.2");
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.changes.back().kind, ChangeKind::removed);
  EXPECT_EQ(listed(el9), (Names{"acme 1.1", "acme 1.2"}));
}

TEST_F(PromoterTest, SupplementsAreMergedAndCheckedAgainstTheWholeTarget) {
  stage_package("acme", "1.0");
  stage("core/2025/rpm/el9-x86_64", "updateinfo.xml", "needs acme\n");
  publish();
  stage_package("tool", "1.0");
  stage("core/2025/rpm/el9-x86_64", "updateinfo.xml", "needs tool\n");
  publish();
  stage("core/2025/rpm/el9-x86_64", "updateinfo.xml", "needs absent\n");
  const auto outcome = promote().value();
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_NE(outcome.findings[0].problem.find("absent"), std::string::npos);
  EXPECT_EQ(live(), 2u);
}

TEST_F(PromoterTest, ACandidateThatWouldNotVerifyIsThrownAwayAndBurnsNoName) {
  stage_package("acme", "1.0");
  verify_findings_ = {{"index", "does not fit"}};
  const auto outcome = promote().value();
  EXPECT_EQ(outcome.findings.size(), 1u);
  EXPECT_FALSE(outcome.release);
  EXPECT_TRUE(tree(public_).empty());
  verify_findings_.clear();
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "rebuilt\n");
  EXPECT_EQ(publish(), 1u);
}

TEST_F(PromoterTest, AFailedSignerPublishesNothing) {
  stage_package("acme", "1.0");
  signer_.fail_from_now_on();
  const auto outcome = promote();
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("acme-1.0.x86_64.rpm"), std::string::npos);
  EXPECT_TRUE(tree(public_).empty());
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
  EXPECT_TRUE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
}

TEST_F(PromoterTest, ASecondPromotionIsToldToWait) {
  stage_package("acme", "1.0");
  fs::create_directories(state_);
  const auto lock = StoreLock::take(store_paths::lock(settings_)).value();
  const auto outcome = promote();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::conflict);
}

TEST_F(PromoterTest, ADryRunTellsAndChangesNothing) {
  stage_package("acme", "1.0");
  PromotionRequest request;
  request.mode = PromotionMode::dry_run;
  EXPECT_EQ(promote(request)->changes.size(), 1u);
  EXPECT_FALSE(fs::exists(state_));
  EXPECT_FALSE(fs::exists(public_));
  publish();
  const auto before = tree(folder_.path());
  stage_package("acme", "1.1");
  const auto staged = tree(staging_folder_);
  const auto outcome = promote(request).value();
  ASSERT_EQ(outcome.changes.size(), 1u);
  EXPECT_EQ(outcome.changes[0].kind, ChangeKind::upgraded);
  EXPECT_EQ(tree(staging_folder_), staged);
  EXPECT_EQ(live(), 1u);
  EXPECT_TRUE(fs::is_empty(state_ / "incoming"));
}

TEST_F(PromoterTest, TheTreeIsReadableByAllAndTheStateByNobodyElse) {
  const mode_t before = umask(0077);
  stage_package("acme", "1.0");
  publish();
  umask(before);
  for (const auto& entry : fs::recursive_directory_iterator(public_)) {
    if (entry.is_symlink()) continue;
    const auto mode = static_cast<unsigned>(entry.status().permissions());
    EXPECT_EQ(mode, entry.is_directory() ? 0755u : 0644u) << entry.path();
  }
  EXPECT_EQ(static_cast<unsigned>(fs::status(public_).permissions()), 0755u);
  EXPECT_EQ(static_cast<unsigned>(fs::status(state_).permissions()), 0700u);
}

TEST_F(PromoterTest, ASetIsAllOrNothing) {
  stage_package("acme", "1.0");
  const auto sum = sha256(FakeFormat::package("acme", "1.0", "x86_64")).hex();
  std::ofstream(staging_folder_ / "core/2025/rpm/el9-x86_64/set.json")
      << R"({"files":[{"name":"acme-1.0.x86_64.rpm","sha256":")" << sum << R"("},{"name":"tool-1.0.x86_64.rpm","sha256":")" << sum
      << R"("}]})";
  EXPECT_NE(promote()->findings.at(0).problem.find("not complete"), std::string::npos);
  std::ofstream(staging_folder_ / "core/2025/rpm/el9-x86_64/set.json")
      << R"({"files":[{"name":"acme-1.0.x86_64.rpm","sha256":")" << sum << R"("}]})";
  publish();
  EXPECT_TRUE(fs::exists(staging_folder_ / ".archive/000001/core/2025/rpm/el9-x86_64/set.json"));
}

// A Debian pool path holds the source's name too: another source must not give the same file name other bytes.
TEST_F(PromoterTest, AFileNameIsTakenWhateverFolderOfThePoolItIsIn) {
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "source: first\n");
  publish();
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "source: second\n");
  EXPECT_NE(promote()->findings.at(0).problem.find("other bytes"), std::string::npos);
  ASSERT_TRUE(withdraw(*parts_, {"acme-1.0.x86_64.rpm", {}, WithdrawnBytes::kept_while_releases_need_them}));
  EXPECT_NE(promote()->findings.at(0).problem.find("withdrawn"), std::string::npos);
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el9-x86_64", "source: first\n");
  EXPECT_NE(promote()->findings.at(0).problem.find("withdrawn"), std::string::npos);
}

TEST_F(PromoterTest, TheArchiveMayLieElsewhere) {
  FolderObjectStore archive(folder_ / "archive");
  const PressParts parts{settings_, *staging_, "", archive, {&format_}, signer_, clock_, log_, progress_,
                         audit_, parts_->actor, parts_->verify};
  stage_package("acme", "1.0");
  ASSERT_TRUE(Promoter(parts).promote({})->release);
  EXPECT_TRUE(fs::exists(folder_ / "archive/000001/core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
  EXPECT_FALSE(fs::exists(staging_folder_ / "core/2025/rpm/el9-x86_64/acme-1.0.x86_64.rpm"));
}

TEST_F(PromoterTest, TheSameBytesInTwoComponentsAreSignedOnce) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.0", "x86_64", "plus/2025/rpm/el9-x86_64");
  publish();
  EXPECT_EQ(read(public_ / "pool/rpm/core/2025/el9-x86_64/packages/a/acme-1.0.x86_64.rpm"),
            read(public_ / "pool/rpm/plus/2025/el9-x86_64/packages/a/acme-1.0.x86_64.rpm"));
  EXPECT_EQ(listed("rpm/plus/2025/el9-x86_64"), Names{"acme 1.0"});
  EXPECT_EQ(listed(el9), Names{"acme 1.0"});
}

}  // namespace
}  // namespace packyard
