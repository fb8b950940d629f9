#include "admin/key_json.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

KeyRecord record() {
  return KeyRecord{.id = KeyId{"key_0123456789abcdef"},
                   .digest = sha256("x"),
                   .pepper_id = "0badcafe",
                   .component = ComponentName::parse("core").value(),
                   .label = "Müller \"A\" \\ <b>",
                   .created_at = Timestamp{1'767'225'600},
                   .expires_at = Timestamp{1'798'761'600},
                   .revoked_at = {},
                   .last_used_at = {},
                   .use_count = 7};
}

ApiError error_of(std::string_view body) {
  const auto parsed = parse_key_request(body);
  EXPECT_FALSE(parsed) << body;
  return parsed ? ApiError::internal : parsed.error().error;
}

TEST(KeyJson, ReadsARequest) {
  const auto bare = parse_key_request(R"({"component":"core","label":"M\u00fcller \ud83d\udd11"})");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->component, "core");
  EXPECT_EQ(bare->label, "Müller \U0001F511");
  EXPECT_FALSE(bare->expires_at);
  const auto full = parse_key_request(" {\n\"expires_at\" : \"2027-01-01T00:00:00Z\", \"label\":\"\", \"component\":\"\"} \n");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->expires_at, "2027-01-01T00:00:00Z");
  EXPECT_FALSE(parse_key_request(R"({"component":"core","label":"x","expires_at":null})")->expires_at);
}

TEST(KeyJson, RefusesWhatIsNotOneObject) {
  for (const char* body : {"",
                           " ",
                           "null",
                           "1",
                           "\"x\"",
                           "[]",
                           "[{}]",
                           "{",
                           "{}}",
                           "{} {}",
                           "{\"component\":\"core\",\"label\":\"x\"}x",
                           "{'component':'core'}",
                           "{\"component\":\"core\",}",
                           "component=core&label=x",
                           "{\"label\":\"\xff\"}",
                           "{\"label\":\"\xed\xa0\x80\"}",
                           "{\"label\":\"\\ud800\"}",
                           "{\"label\":\"a\nb\"}",
                           "{\"label\":NaN}",
                           "// c\n{}",
                           "{\"label\" \"x\"}"})
    EXPECT_EQ(error_of(body), ApiError::json_invalid) << body;
}

TEST(KeyJson, RefusesWrongFields) {
  EXPECT_EQ(error_of("{}"), ApiError::field_missing);
  EXPECT_EQ(error_of(R"({"component":"core"})"), ApiError::field_missing);
  EXPECT_EQ(error_of(R"({"label":"x"})"), ApiError::field_missing);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","expire_at":"2027-01-01T00:00:00Z"})"), ApiError::field_unknown);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","Label":"x"})"), ApiError::field_unknown);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","component":"core"})"), ApiError::field_duplicate);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","l\u0061bel":"y"})"), ApiError::field_duplicate);
  for (const char* value : {"1", "-1", "1.5", "true", "[]", "{}", "[\"core\"]", "{\"a\":1}", "null"})
    EXPECT_EQ(error_of(std::string(R"({"component":"core","label":)") + value + "}"), ApiError::field_type) << value;
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","expires_at":1893456000})"), ApiError::field_type);
}

TEST(KeyJson, DepthAndSizeDoNotMatter) {
  EXPECT_EQ(error_of(R"({"label":)" + std::string(60'000, '[')), ApiError::field_type);
  EXPECT_EQ(error_of(std::string(60'000, '[')), ApiError::json_invalid);
  std::string many = "{";
  for (int i = 0; i < 3000; ++i) many += "\"f" + std::to_string(i) + "\":1,";
  EXPECT_EQ(error_of(many + "\"label\":\"x\"}"), ApiError::field_unknown);
}

TEST(KeyJson, ErrorsNameFieldsEscapedAndNeverValues) {
  const auto parsed = parse_key_request("{\"\\u001b[31m<script>\":\"pky_secret\"}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().detail.find('\x1b'), std::string::npos);
  EXPECT_NE(parsed.error().detail.find("<script>"), std::string::npos);
  EXPECT_EQ(parsed.error().detail.find("pky_secret"), std::string::npos);
  EXPECT_EQ(parse_key_request("{\"label\":pky_secret}").error().detail.find("pky_secret"), std::string::npos);
}

TEST(KeyJson, WritesAKeyWithoutItsSecretOrDigest) {
  EXPECT_EQ(
      key_json(record(), Timestamp{1'770'000'000}),
      "{\"id\":\"key_0123456789abcdef\",\"component\":\"core\",\"label\":\"Müller \\\"A\\\" \\\\ <b>\","
      "\"created_at\":\"2026-01-01T00:00:00Z\",\"expires_at\":\"2027-01-01T00:00:00Z\",\"revoked_at\":null,\"last_used_at\":null,"
      "\"use_count\":7,\"status\":\"active\"}\n");
  EXPECT_EQ(key_list_json({}, Timestamp{1}), "[]\n");
}

TEST(KeyJson, StatusFollowsTheClock) {
  KeyRecord key = record();
  EXPECT_EQ(parse_key_view(key_json(key, Timestamp{key.expires_at->seconds - 1}))->status, "active");
  EXPECT_EQ(parse_key_view(key_json(key, *key.expires_at))->status, "expired");
  key.revoked_at = Timestamp{1'767'225'601};
  EXPECT_EQ(parse_key_view(key_json(key, *key.expires_at))->status, "revoked");
}

TEST(KeyJson, ClientsReadBackWhatTheAdminWrites) {
  const auto created = parse_key_view(created_key_json(record(), Secret("pky_x"), Timestamp{1}));
  ASSERT_TRUE(created);
  EXPECT_EQ(created->key.reveal(), "pky_x");
  EXPECT_EQ(created->label, record().label);
  EXPECT_EQ(created->expires_at, "2027-01-01T00:00:00Z");
  EXPECT_EQ(created->use_count, 7u);
  const auto listed = parse_key_views(key_list_json({record(), record()}, Timestamp{1}));
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_TRUE((*listed)[0].key.empty());
  const auto error = parse_error_view(error_json("some_code", "text \xff"));
  EXPECT_EQ(error->code, "some_code");
  const auto request = parse_key_request(key_request_json({"core", "a\"b", "2027-01-01T00:00:00Z"}));
  EXPECT_EQ(request->label, "a\"b");
  EXPECT_EQ(request->expires_at, "2027-01-01T00:00:00Z");
}

TEST(KeyJson, ClientsRefuseWhatIsNoAnswerOfAnAdmin) {
  for (const char* body : {"", "<html>", "[]", "{}", "{\"id\":1}", "null"}) {
    EXPECT_FALSE(parse_key_view(body)) << body;
    EXPECT_FALSE(parse_error_view(body)) << body;
  }
  for (const char* body : {"", "{}", "[1]", "[{}]"}) EXPECT_FALSE(parse_key_views(body)) << body;
}

}  // namespace
}  // namespace packyard
