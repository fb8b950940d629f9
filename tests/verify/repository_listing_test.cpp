#include "verify/repository_listing.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string hex = sha256("x").hex(), digest = "sha256:" + hex;
const std::string good =
    R"({"repository":"core/2025/server","generation":3,"published_at":"2026-01-31T12:00:00Z","tags":{"1.4.2":")" + digest +
    R"("},"manifests":{")" + digest + R"(":{"media_type":"a/b","size_bytes":7,"subject":")" + digest +
    R"(","artifact_type":"c/d","annotations":{"k":"v"}},"sha256:)" + sha256("y").hex() +
    R"(":{"media_type":"e/f","size_bytes":8}},"blobs":{")" + digest + R"(":9}})";

TEST(RepositoryListing, IsRead) {
  const auto document = read_repository_listing(good);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->repository, "core/2025/server");
  EXPECT_EQ(document->generation, 3u);
  EXPECT_EQ(document->published_at.rfc3339(), "2026-01-31T12:00:00Z");
  EXPECT_EQ(document->tags.at("1.4.2"), sha256("x"));
  EXPECT_EQ(document->blobs.at(sha256("x")), 9u);
  const auto& full = document->manifests.at(sha256("x"));
  EXPECT_EQ(full.media_type + " " + full.artifact_type + " " + full.annotations.at("k"), "a/b c/d v");
  EXPECT_EQ(full.subject, sha256("x"));
  const auto& plain = document->manifests.at(sha256("y"));
  EXPECT_EQ(plain.size_bytes, 8u);
  EXPECT_FALSE(plain.subject);
}

TEST(RepositoryListing, OddOnesAreRefused) {
  for (const auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"\"generation\":3", "\"generation\":\"3\""},
                                                                  {"\"generation\":3", "\"generation\":3,\"more\":1"},
                                                                  {"\"blobs\":", "\"blob\":"},
                                                                  {"2026-01-31T12:00:00Z", "yesterday"},
                                                                  {"\"1.4.2\"", "\"1.4/2\""},
                                                                  {"\"1.4.2\"", "\"\""},
                                                                  {"\"1.4.2\":\"sha256:", "\"1.4.2\":\"sha512:"},
                                                                  {"\"tags\":{", "\"tags\":{\"x\":1,"},
                                                                  {"\"size_bytes\":7", "\"size_bytes\":-7"},
                                                                  {"\"size_bytes\":7", "\"size_bytes\":7,\"size\":7"},
                                                                  {"\"size_bytes\":7,", ""},
                                                                  {"\"media_type\":\"a/b\"", "\"media_type\":1"},
                                                                  {"\"subject\":\"sha256:", "\"subject\":\""},
                                                                  {"\"artifact_type\":\"c/d\"", "\"artifact_type\":null"},
                                                                  {"\"annotations\":{\"k\":\"v\"}", "\"annotations\":{\"k\":[]}"},
                                                                  {":9}}", ":\"9\"}}"},
                                                                  {":9}}", ":9}"}}) {
    std::string text = good;
    text.replace(text.find(from), std::string(from).size(), to);
    EXPECT_FALSE(read_repository_listing(text)) << from << " -> " << to;
  }
  EXPECT_FALSE(read_repository_listing("{}"));
}

}  // namespace
}  // namespace packyard
