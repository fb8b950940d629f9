#include "registry/repository_json.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string a = "sha256:" + std::string(64, 'a');
const std::string b = "sha256:" + std::string(64, 'b');

std::string document(const std::string& tags = "{}", const std::string& manifests = "{}", const std::string& blobs = "{}") {
  return R"({"repository":"core/2025/server","generation":3,"published_at":"2026-01-31T12:00:00Z","tags":)" + tags +
         R"(,"manifests":)" + manifests + R"(,"blobs":)" + blobs + "}";
}

TEST(RepositoryJson, ReadsEveryField) {
  const auto parts = parse_repository_json(document("{\"1.0\":\"" + a + "\"}",
                                                    "{\"" + a + R"(":{"media_type":"m/t","size_bytes":12},")" + b +
                                                        R"(":{"media_type":"m/u","size_bytes":13,"subject":")" + a +
                                                        R"(","artifact_type":"x/y","annotations":{"k":"v\u0041\"","l":""}}})",
                                                    "{\"" + a + "\":18446744073709551615}"));
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->repository, "core/2025/server");
  EXPECT_EQ(parts->generation, 3u);
  EXPECT_EQ(parts->published_at.rfc3339(), "2026-01-31T12:00:00Z");
  ASSERT_EQ(parts->tags.size(), 1u);
  EXPECT_EQ(parts->tags[0].name, "1.0");
  EXPECT_EQ(parts->tags[0].digest.hex(), std::string(64, 'a'));
  ASSERT_EQ(parts->manifests.size(), 2u);
  EXPECT_FALSE(parts->manifests[0].subject);
  EXPECT_EQ(parts->manifests[1].size_bytes, 13u);
  EXPECT_EQ(parts->manifests[1].subject->hex(), std::string(64, 'a'));
  EXPECT_EQ(parts->manifests[1].artifact_type, "x/y");
  ASSERT_EQ(parts->manifests[1].annotations.size(), 2u);
  EXPECT_EQ(parts->manifests[1].annotations[0].second, "vA\"");
  EXPECT_EQ(parts->blobs[0].size_bytes, 18446744073709551615u);
}

TEST(RepositoryJson, RefusesEverythingElse) {
  const std::string good = document();
  ASSERT_TRUE(parse_repository_json(good));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    EXPECT_NE(text.find(from), std::string::npos);
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string manifest = "{\"" + a + "\":";
  const std::vector<std::string> cases = {
      "",
      "[]",
      "1",
      "\"x\"",
      "null",
      good + "x",
      good.substr(0, good.size() - 1),
      "{}",
      with("\"generation\":3,", ""),
      with("\"generation\":3", "\"generation\":-3"),
      with("\"generation\":3", "\"generation\":3.5"),
      with("\"generation\":3", "\"generation\":\"3\""),
      with("\"generation\":3", "\"generation\":3,\"generation\":3"),
      with("\"generation\":3", "\"generation\":null"),
      with("\"generation\":3", "\"generation\":{}"),
      with("2026-01-31T12:00:00Z", "yesterday"),
      with("\"repository\":\"core/2025/server\"", "\"repository\":7"),
      with("{\"repository\"", "{\"colour\":1,\"repository\""),
      with("{\"repository\"", "{\"colour\":\"\",\"repository\""),
      with("{\"repository\"", "{\"colour\":{},\"repository\""),
      document("[]"),
      document("{\"1\":1}"),
      document("{\"1\":{}}"),
      document("{\"1\":\"sha256:a\"}"),
      document("{\"1\":true}"),
      document("{}", "{\"x\":{}}"),
      document("{}", manifest + "{}}"),
      document("{}", manifest + "1}"),
      document("{}", manifest + "\"\"}"),
      document("{}", manifest + R"({"media_type":"m/t"}})"),
      document("{}", manifest + R"({"size_bytes":1}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":"1"}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"x":1}})"),
      document("{}", manifest + R"({"media_type":"m/t","media_type":"m/t","size_bytes":1}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"subject":"x"}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"subject":{}}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"annotations":{"a":{"b":"c"}}}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"annotations":{"a":1}}})"),
      document("{}", manifest + R"({"media_type":"m/t","size_bytes":1,"annotations":"a"}})"),
      document("{}", "{}", "{\"x\":1}"),
      document("{}", "{}", "{\"" + a + "\":\"1\"}"),
      document("{}", "{}", "{\"" + a + "\":{}}"),
      document("{\"\xff\":\"" + a + "\"}"),
      std::string(100'000, '[')};
  for (const std::string& text : cases) {
    const auto parts = parse_repository_json(text);
    ASSERT_FALSE(parts) << text.substr(0, 300);
    EXPECT_EQ(parts.error().code, ErrorCode::corrupt);
    EXPECT_TRUE(parts.error().message.starts_with("repository.json: ")) << parts.error().message;
    EXPECT_LT(parts.error().message.size(), 300u);
  }
}

}  // namespace
}  // namespace packyard
