#include "promote/release_documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace packyard {
namespace {

const TargetId el9 = TargetId::parse("rpm/core/2025/el9-x86_64").value();

TEST(ReleaseDocuments, ContentsNameEveryFileAndPackage) {
  const BuiltGeneration built{{{"index/a", {sha256("a"), 1}}, {"generations/b", {sha256("b"), 2}}}};
  Listing package;
  package.path = "pool/x";
  package.name = "acme";
  package.version = "1:2~\"3";
  package.architecture = "noarch";
  package.published = sha256("x");
  package.size_bytes = 5'000'000'000;
  const auto json = nlohmann::json::parse(contents_json(el9, 7, Timestamp{1'800'000'000}, built, {package}));
  EXPECT_EQ(json["target"], "rpm/core/2025/el9-x86_64");
  EXPECT_EQ(json["generation"], 7);
  EXPECT_EQ(json["published_at"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(json["files"][1]["sha256"], sha256("b").hex());
  EXPECT_EQ(json["packages"][0]["size_bytes"], 5'000'000'000);
  EXPECT_EQ(json["packages"][0]["version"], "1:2~\"3");
  EXPECT_TRUE(nlohmann::json::parse(contents_json(el9, 1, Timestamp{0}, {}, {}))["packages"].empty());
}

TEST(ReleaseDocuments, AReleaseNamesGenerationAndContentsOfEachTarget) {
  const auto json = nlohmann::json::parse(release_json(42, Timestamp{0}, ReleaseKind::rollback, {{el9, {7, sha256("c")}}}));
  EXPECT_EQ(json["release"], 42);
  EXPECT_EQ(json["kind"], "rollback");
  EXPECT_EQ(json["targets"]["rpm/core/2025/el9-x86_64"]["generation"], 7);
  EXPECT_EQ(json["targets"]["rpm/core/2025/el9-x86_64"]["contents_sha256"], sha256("c").hex());
}

}  // namespace
}  // namespace packyard
