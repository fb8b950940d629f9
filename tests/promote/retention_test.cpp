#include "promote/retention.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using Numbers = std::set<std::uint64_t>;

const TargetId el9 = TargetId::parse("rpm/core/2025/el9-x86_64").value();
const TargetId el8 = TargetId::parse("rpm/core/2025/el8-x86_64").value();

ReleaseRow release(std::uint64_t number, ReleaseState state, std::optional<std::int64_t> superseded_at) {
  ReleaseRow row;
  row.number = number;
  row.state = state;
  if (superseded_at) row.superseded_at = Timestamp{*superseded_at};
  return row;
}

TEST(RetainedReleases, ByTimeByCountAndNeverWhatIsLiveOrPinned) {
  const RetentionSettings policy{std::chrono::hours{1}, 2};
  std::vector<ReleaseRow> releases = {release(1, ReleaseState::past, 1'000), release(2, ReleaseState::past, 1'000),
                                      release(3, ReleaseState::past, 2'000), release(4, ReleaseState::past, 9'000),
                                      release(5, ReleaseState::live, std::nullopt)};
  const ReleaseContents contents = {{1, {{el9, 1}}}, {2, {{el9, 2}}}, {3, {{el9, 3}}}, {4, {{el9, 4}}}, {5, {{el9, 5}}}};
  EXPECT_EQ(retained_releases(releases, contents, policy, Timestamp{10'000}), (Numbers{4, 5}));
  EXPECT_EQ(retained_releases(releases, contents, {std::chrono::hours{1}, 3}, Timestamp{10'000}), (Numbers{3, 4, 5}));
  releases[0].pinned = true;
  EXPECT_EQ(retained_releases(releases, contents, policy, Timestamp{10'000}), (Numbers{1, 4, 5}));
  EXPECT_EQ(retained_releases(releases, contents, policy, Timestamp{5'000}), (Numbers{1, 3, 4, 5}));
}

TEST(RetainedReleases, ATargetThatRarelyChangesKeepsItsEarlierGeneration) {
  const RetentionSettings policy{std::chrono::hours{1}, 2};
  const std::vector<ReleaseRow> releases = {release(1, ReleaseState::past, 10), release(2, ReleaseState::past, 20),
                                            release(3, ReleaseState::past, 30), release(4, ReleaseState::live, std::nullopt)};
  const ReleaseContents contents = {
      {1, {{el8, 1}, {el9, 1}}}, {2, {{el8, 2}, {el9, 1}}}, {3, {{el8, 2}, {el9, 2}}}, {4, {{el8, 2}, {el9, 3}}}};
  // Release 1 is the newest that lists the earlier generation of el8.
  EXPECT_EQ(retained_releases(releases, contents, policy, Timestamp{100'000}), (Numbers{1, 3, 4}));
}

class RetentionTest : public PressFixture {
 protected:
  RetentionTest() {
    settings_.retention = {std::chrono::hours{1}, 2};
    settings_.rpm_targets[0].keep_versions = 1;
  }
  void publish_versions(int from, int to) {
    for (int version = from; version <= to; ++version) {
      stage_package("acme", std::to_string(version));
      publish();
      clock_.set(Timestamp{clock_.now().seconds + 7'200});
    }
  }
};

TEST_F(RetentionTest, WhatNoKeptReleaseListsGoes) {
  publish_versions(1, 5);
  EXPECT_EQ(pool().size(), 2u);
  EXPECT_FALSE(fs::exists(public_ / "releases/000001"));
  EXPECT_FALSE(fs::exists(public_ / "generations/rpm/core/2025/el9-x86_64/000001"));
  EXPECT_TRUE(fs::exists(public_ / "releases/000004"));
  EXPECT_EQ(listed("rpm/core/2025/el9-x86_64"), std::set<std::string>{"acme 5"});
  std::size_t indexes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(public_ / "index")) indexes += entry.is_regular_file() ? 1 : 0;
  EXPECT_EQ(indexes, 2u);
}

TEST_F(RetentionTest, ANameWhoseBytesAreGoneIsNotSignedAgain) {
  publish_versions(1, 5);
  stage_package("acme", "1");
  PromotionRequest request;
  request.older = OlderVersions::allowed;
  EXPECT_NE(promote(request)->findings.at(0).problem.find("removed by retention"), std::string::npos);
}

}  // namespace
}  // namespace packyard
