#include "admin/key_json.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

KeyRecord record() {
  return KeyRecord{.id = KeyId{"key_0123456789abcdef"},
                   .digest = sha256("x"),
                   .pepper_id = "0badcafe",
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "Müller \"A\" \\ <b>",
                   .created_at = Timestamp{1'767'225'600},
                   .expires_at = Timestamp{1'798'761'600},
                   .use_count = 7};
}

TEST(KeyJson, WritesAKeyWithoutItsSecretOrDigest) {
  EXPECT_EQ(key_json(record(), Timestamp{1'770'000'000}),
            "{\"id\":\"key_0123456789abcdef\",\"component\":\"core\",\"components\":[\"core\"],\"years\":[],\"formats\":[],"
            "\"addresses\":[],\"label\":\"Müller \\\"A\\\" \\\\ <b>\",\"created_at\":\"2026-01-01T00:00:00Z\",\"not_before\":null,"
            "\"expires_at\":\"2027-01-01T00:00:00Z\",\"grace_seconds\":0,\"requests_per_day\":null,"
            "\"addresses_per_day\":null,\"revoked_at\":null,\"suspended_at\":null,"
            "\"former_secrets\":[],\"last_used_at\":null,"
            "\"use_count\":7,\"status\":\"active\",\"metadata\":{}}\n");
  EXPECT_EQ(key_list_json({}, Timestamp{1}), "[]\n");
}

TEST(KeyJson, StatusFollowsTheClock) {
  KeyRecord key = record();
  EXPECT_EQ(parse_key_view(key_json(key, Timestamp{key.expires_at->seconds - 1}))->status, "active");
  EXPECT_EQ(parse_key_view(key_json(key, *key.expires_at))->status, "expired");
  key.grace = std::chrono::seconds(10);
  EXPECT_EQ(parse_key_view(key_json(key, *key.expires_at))->status, "in_grace");
  EXPECT_EQ(parse_key_view(key_json(key, Timestamp{key.expires_at->seconds + 10}))->status, "expired");
  key.not_before = Timestamp{key.expires_at->seconds - 5};
  EXPECT_EQ(parse_key_view(key_json(key, Timestamp{key.expires_at->seconds - 6}))->status, "not_yet_valid");
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
}

TEST(KeyJson, LimitsAreThere) {
  KeyRecord key = record();
  key.limits = {.requests_per_day = 1000, .addresses_per_day = 5};
  const auto view = parse_key_view(key_json(key, Timestamp{1}));
  EXPECT_EQ(view->requests_per_day, 1000u);
  EXPECT_EQ(view->addresses_per_day, 5u);
}

TEST(KeyJson, TheWholeScopeIsThere) {
  KeyRecord key = record();
  key.scope = {{ComponentName::parse("core").value(), ComponentName::parse("plus").value()},
               {Year::parse("2025").value()},
               {Format::rpm, Format::oci},
               {AddressRange::parse("203.0.113.0/24").value()}};
  key.metadata = R"({"n":123456789012345678901234567890,"mail":"a@example.org"})";
  const std::string json = key_json(key, Timestamp{1});
  EXPECT_NE(json.find("\"component\":null,\"components\":[\"core\",\"plus\"]"), std::string::npos) << json;
  EXPECT_NE(json.find("\"metadata\":" + key.metadata + "}\n"), std::string::npos) << json;
  const auto view = parse_key_view(json);
  EXPECT_EQ(view->components, "core plus");
  EXPECT_EQ(view->years, "2025");
  EXPECT_EQ(view->formats, "rpm oci");
  EXPECT_EQ(view->addresses, "203.0.113.0/24");
  EXPECT_NE(view->metadata.find("a@example.org"), std::string::npos);
}

TEST(KeyJson, FormerSecretsAreShownByTheirEndsAlone) {
  KeyRecord key = record();
  key.suspended_at = Timestamp{1'767'225'700};
  key.former_secrets = {{sha256("a"), "pepper", Timestamp{1'767'225'800}}, {sha256("b"), "pepper", Timestamp{1'767'225'700}}};
  const std::string json = key_json(key, Timestamp{1'767'225'700});
  EXPECT_NE(json.find("\"former_secrets\":[{\"valid_until\":\"2026-01-01T00:03:20Z\"}]"), std::string::npos) << json;
  EXPECT_EQ(json.find(sha256("a").hex()), std::string::npos);
  EXPECT_EQ(parse_key_view(json)->status, "suspended");
  EXPECT_EQ(parse_key_view(json)->former_until, "2026-01-01T00:03:20Z");
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
