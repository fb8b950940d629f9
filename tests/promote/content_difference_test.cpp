#include "promote/content_difference.h"

#include <gtest/gtest.h>

#include "tests/support/fake_format.h"

namespace packyard {
namespace {

Listing listing(std::int64_t id, const char* name, const char* version) {
  Listing made;
  made.name_id = id;
  made.name = name;
  made.version = version;
  made.architecture = "x86_64";
  return made;
}

TEST(ContentDifference, TellsAddedUpgradedAndRemoved) {
  const FakeFormat format({});
  const auto target = TargetId::parse("rpm/core/2025/el9-x86_64").value();
  const std::vector<Listing> before = {listing(1, "acme", "1.0"), listing(2, "gone", "1")};
  const std::vector<Listing> after = {listing(1, "acme", "1.0"), listing(3, "acme", "1.2"), listing(4, "fresh", "1")};
  const auto changes = content_difference(format, target, before, after);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].kind, ChangeKind::upgraded);
  EXPECT_EQ(changes[0].previous_version, "1.0");
  EXPECT_EQ(changes[1].kind, ChangeKind::added);
  EXPECT_EQ(changes[2].kind, ChangeKind::removed);
  EXPECT_EQ(changes[2].name, "gone");
  EXPECT_TRUE(content_difference(format, target, after, after).empty());
}

TEST(ContentDifference, ATagMovesOrIsResealed) {
  const FakeFormat format({});
  const auto target = TargetId::parse("oci/core/2025/server").value();
  const std::vector<Listing> before = {listing(1, "server:1.0", "sha256:a"), listing(2, "server:latest", "sha256:a")};
  std::vector<Listing> after = {listing(3, "server:1.0", "sha256:a"), listing(4, "server:latest", "sha256:b")};
  after[1].architecture = "amd64,arm64";
  const auto changes = content_difference(format, target, before, after);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, ChangeKind::resealed);
  EXPECT_EQ(changes[0].previous_version, "");
  EXPECT_EQ(changes[1].kind, ChangeKind::moved);
  EXPECT_EQ(changes[1].version, "sha256:b");
  EXPECT_EQ(changes[1].previous_version, "sha256:a");
}

}  // namespace
}  // namespace packyard
