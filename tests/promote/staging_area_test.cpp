#include "promote/staging_area.h"

#include <algorithm>

#include "promote/checksum_file.h"
#include "promote/staged_set.h"
#include "tests/support/memory_object_store.h"
#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

class StagingAreaTest : public PressFixture {
 protected:
  StagedList read_all(const Scope& scope = {}) { return StagingArea(*staging_, ".archive", settings_).read(scope).value(); }
  // "file name: problem" of the only finding.
  std::string only_finding() {
    const auto list = read_all();
    return list.findings.size() == 1 ? list.findings[0].subject + ": " + list.findings[0].problem
                                     : std::to_string(list.findings.size());
  }
  const std::string el9_ = "core/2025/rpm/el9-x86_64";
};

TEST_F(StagingAreaTest, PairsFilesWithTheirChecksums) {
  stage_package("acme", "1.0");
  stage_package("tool", "1.0", "x86_64", "plus/2025/rpm/el8-x86_64");
  const auto list = read_all();
  EXPECT_TRUE(list.findings.empty());
  ASSERT_EQ(list.files.size(), 2u);
  EXPECT_EQ(list.files[0].target.text(), "rpm/core/2025/el9-x86_64");
  EXPECT_EQ(list.files[0].name, "acme-1.0.x86_64.rpm");
  EXPECT_EQ(list.files[0].expected, sha256(FakeFormat::package("acme", "1.0", "x86_64")));
  ASSERT_EQ(list.files[0].companions.size(), 1u);
}

TEST_F(StagingAreaTest, AScopeLooksAtNothingElse) {
  stage_package("acme", "1.0");
  stage_package("acme", "1.0", "x86_64", "core/2025/rpm/el8-x86_64");
  stage("plus/2025/rpm/el9-x86_64", "bad name", "x");
  Scope scope;
  scope.component = ComponentName::parse("core").value();
  scope.target = TargetName::parse("el8-x86_64").value();
  const auto list = read_all(scope);
  EXPECT_TRUE(list.findings.empty());
  ASSERT_EQ(list.files.size(), 1u);
}

TEST_F(StagingAreaTest, ThePublishedArchiveIsNotStaging) {
  stage(".archive/000001/" + el9_, "old.rpm", "x");
  EXPECT_TRUE(read_all().files.empty());
  EXPECT_TRUE(read_all().findings.empty());
}

TEST_F(StagingAreaTest, PathTricksAreRefused) {
  stage_package("acme", "1.0");
  fs::create_symlink("/etc/passwd", staging_folder_ / el9_ / "link-1.x86_64.rpm");
  fs::create_directory_symlink("/etc", staging_folder_ / "core/2025/rpm/el8-x86_64");
  fs::create_directories(staging_folder_ / el9_ / "below");
  stage(el9_ + "/below", "acme-1.0.x86_64.rpm", "x");
  stage(el9_, "semi;colon.rpm", "x");
  stage(el9_, "-rf.rpm", "x");
  stage(el9_, "new\nline.rpm", "x");
  const auto list = read_all();
  EXPECT_EQ(list.files.size(), 1u);
  EXPECT_EQ(list.findings.size(), 10u);  // the tricks with their checksum files
  for (const auto& finding : list.findings) EXPECT_EQ(finding.subject.find('\n'), std::string::npos);
}

TEST_F(StagingAreaTest, WhatIsMissingOrTooMuchIsTold) {
  std::ofstream((fs::create_directories(staging_folder_ / el9_), staging_folder_ / el9_ / "a.rpm")) << "x";
  EXPECT_NE(only_finding().find("has no checksum"), std::string::npos);
  fs::rename(staging_folder_ / el9_ / "a.rpm", staging_folder_ / el9_ / "a.rpm.sha256");
  EXPECT_NE(only_finding().find("without its file"), std::string::npos);
  std::ofstream(staging_folder_ / el9_ / "a.rpm") << "x";
  EXPECT_NE(only_finding().find("64 hexadecimal"), std::string::npos);
  stage(el9_, "a.rpm", "x");
  std::ofstream(staging_folder_ / el9_ / ".b.rpm.Kx81") << "x";
  EXPECT_NE(only_finding().find("upload under way"), std::string::npos);
}

TEST_F(StagingAreaTest, UnknownPlacesAreTold) {
  stage("core/2031/rpm/el9-x86_64", "a.rpm", "x");
  EXPECT_NE(only_finding().find("no year 2031"), std::string::npos);
  fs::remove_all(staging_folder_ / "core");
  stage("extra/2025/rpm/el9-x86_64", "a.rpm", "x");
  EXPECT_NE(only_finding().find("component extra"), std::string::npos);
  fs::remove_all(staging_folder_ / "extra");
  stage("core/2025/apk/v3", "a.apk", "x");
  EXPECT_NE(only_finding().find("not a target"), std::string::npos);
  fs::remove_all(staging_folder_ / "core");
  std::ofstream(staging_folder_ / "stray.rpm") << "x";
  EXPECT_NE(only_finding().find("not in its place"), std::string::npos);
}

TEST_F(StagingAreaTest, ASetReplacesChecksumFilesAndMustAgreeWithThem) {
  stage(el9_, "a.rpm", "x");
  std::ofstream(staging_folder_ / el9_ / "set.json") << R"({"files":[{"name":"a.rpm","sha256":")" + sha256("x").hex() + R"("}]})";
  fs::remove(staging_folder_ / el9_ / "a.rpm.sha256");
  EXPECT_EQ(read_all().files.size(), 1u);
  stage(el9_, "a.rpm", "y");
  EXPECT_NE(only_finding().find("differ"), std::string::npos);
  stage(el9_, "a.rpm", "x");
  stage(el9_, "b.rpm", "x");
  EXPECT_NE(only_finding().find("not named in the set.json"), std::string::npos);
}

TEST_F(StagingAreaTest, ABrokenOrOversizedSetIsAFindingLikeAnyOther) {
  stage(el9_, "a.rpm", "x");
  std::ofstream(staging_folder_ / el9_ / "set.json") << "{";
  EXPECT_NE(only_finding().find("not JSON"), std::string::npos);
  std::ofstream(staging_folder_ / el9_ / "set.json") << std::string(staged_set_bytes_max + 1, ' ');
  EXPECT_NE(only_finding().find("larger than"), std::string::npos);
  fs::remove(staging_folder_ / el9_ / "set.json");
  std::ofstream(staging_folder_ / el9_ / "a.rpm.sha256") << std::string(checksum_file_bytes_max + 1, '0');
  EXPECT_NE(only_finding().find("larger than"), std::string::npos);
}

TEST_F(StagingAreaTest, AnIncompleteSetNamesWhatIsMissing) {
  stage(el9_, "a.rpm", "x");
  std::ofstream(staging_folder_ / el9_ / "set.json") << R"({"files":[{"name":"a.rpm","sha256":")" << sha256("x").hex()
                                                     << R"("},{"name":"b.rpm","sha256":")" << sha256("y").hex() << R"("}]})";
  EXPECT_NE(only_finding().find(el9_ + "/b.rpm: is named in set.json but not staged"), std::string::npos);
}

TEST_F(StagingAreaTest, FilesAreByKeyWhateverTheScope) {
  for (const char* target : {"el9-x86_64", "el8-x86_64", "el9-aarch64"})
    stage(std::string("core/2025/rpm/") + target, "a.rpm", "x");
  Scope scope;
  scope.component = ComponentName::parse("core").value();
  for (const auto& list : {read_all(), read_all(scope)}) {
    ASSERT_EQ(list.files.size(), 3u);
    EXPECT_TRUE(std::ranges::is_sorted(list.files, {}, [](const StagedFile& file) { return file.key.text(); }));
  }
}

// A store whose objects go while they are read, as when CI cleans up.
class VanishingStore final : public ObjectStore {
 public:
  explicit VanishingStore(ObjectStore& store) : store_(store) {}
  std::string description() const override { return store_.description(); }
  Result<ObjectListing> list(std::string_view folder) override { return store_.list(folder); }
  Result<ObjectLevel> list_level(std::string_view folder) override { return store_.list_level(folder); }
  Result<ObjectInfo> stat(const ObjectKey& key) override { return store_.stat(key); }
  Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) override {
    TRY(store_.remove(key));
    return store_.open(key);
  }
  Result<void> put(const ObjectKey& key, std::string_view bytes) override { return store_.put(key, bytes); }
  Result<void> put_from(const ObjectKey& key, ObjectReader& reader) override { return store_.put_from(key, reader); }
  Result<void> move(const ObjectKey& from, const ObjectKey& to) override { return store_.move(from, to); }
  Result<void> remove(const ObjectKey& key) override { return store_.remove(key); }

 private:
  ObjectStore& store_;
};

TEST_F(StagingAreaTest, WhatGoesAwayWhileItIsReadIsAFinding) {
  stage(el9_, "a.rpm", "x");
  stage("core/2025/rpm/el8-x86_64", "b.rpm", "x");
  std::ofstream(staging_folder_ / "core/2025/rpm/el8-x86_64/set.json") << "{}";
  VanishingStore store(*staging_);
  const auto list = StagingArea(store, ".archive", settings_).read({});
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_TRUE(list->files.empty());
  ASSERT_EQ(list->findings.size(), 3u);
  for (const auto& finding : list->findings) EXPECT_NE(finding.problem.find("went away"), std::string::npos) << finding.problem;
}

TEST_F(StagingAreaTest, AStoreThatIsAwayIsAnError) {
  MemoryObjectStore away;
  away.fail_with(Error{ErrorCode::unavailable, "the store is away"});
  EXPECT_EQ(StagingArea(away, "", settings_).read({}).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
