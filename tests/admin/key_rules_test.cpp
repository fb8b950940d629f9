#include "admin/key_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace packyard {
namespace {

class KeyRules : public testing::Test {
 protected:
  static constexpr Timestamp now{1'767'225'600};  // 2026-01-01T00:00:00Z

  ApiError refused(std::string_view body) {
    const KeyRecord before = record_;
    const auto applied = apply_key_fields(parse_key_fields(body).value(), components_, now, record_);
    EXPECT_FALSE(applied) << body;
    EXPECT_EQ(record_, before) << body;
    return applied ? ApiError::internal : applied.error().error;
  }
  void apply(std::string_view body) {
    const auto applied = apply_key_fields(parse_key_fields(body).value(), components_, now, record_);
    ASSERT_TRUE(applied) << applied.error().detail;
  }

  std::vector<ComponentName> components_ = {ComponentName::parse("core").value(), ComponentName::parse("plus").value()};
  KeyRecord record_{.id = KeyId{"key_1"},
                    .digest = {},
                    .pepper_id = "pepper",
                    .scope = KeyScope::of(ComponentName::parse("retired").value()),
                    .label = "ACME",
                    .created_at = now,
                    .expires_at = Timestamp{now.seconds - 5}};
};

TEST_F(KeyRules, WhatIsNotGivenStays) {
  const KeyRecord before = record_;
  apply("{}");
  EXPECT_EQ(record_, before);
  apply(R"({"label":"Müller"})");
  EXPECT_EQ(record_.label, "Müller");
  EXPECT_EQ(record_.expires_at, before.expires_at);
  EXPECT_EQ(record_.scope, before.scope);
}

TEST_F(KeyRules, ListsAreSets) {
  apply(R"({"components":["plus","core","plus"],"years":["2026","2025","2026"],"formats":["oci","rpm"],
            "addresses":["10.0.0.7/32","10.0.0.7"]})");
  EXPECT_EQ(record_.scope.components, components_);
  EXPECT_EQ(record_.scope.years.size(), 2u);
  EXPECT_EQ(record_.scope.formats, (std::vector{Format::rpm, Format::oci}));
  EXPECT_EQ(record_.scope.addresses.size(), 1u);
  apply(R"({"years":[],"formats":null,"addresses":null})");
  EXPECT_EQ(record_.scope, (KeyScope{components_}));
}

TEST_F(KeyRules, ScopesThatAreNoneAreRefused) {
  EXPECT_EQ(refused(R"({"components":[]})"), ApiError::scope_invalid);
  EXPECT_EQ(refused(R"({"components":["core","other"]})"), ApiError::component_unknown);
  EXPECT_EQ(refused(R"({"component":"retired"})"), ApiError::component_unknown);
  EXPECT_EQ(refused(R"({"years":["25"]})"), ApiError::scope_invalid);
  EXPECT_EQ(refused(R"({"formats":["RPM"]})"), ApiError::scope_invalid);
  EXPECT_EQ(refused(R"({"addresses":["10.0.0.1/8"]})"), ApiError::scope_invalid);
  std::string many = R"({"years":["2025")";
  for (int i = 0; i < 64; ++i) many += ",\"2025\"";
  EXPECT_EQ(refused(many + "]}"), ApiError::scope_invalid);
}

TEST_F(KeyRules, TheTimesMustLeaveTimeBetweenThem) {
  apply(R"({"not_before":"2026-02-01T00:00:00Z","expires_at":"2026-02-01T00:00:01Z","grace_seconds":31622400})");
  EXPECT_EQ(refused(R"({"expires_at":"2026-02-01T00:00:00Z"})"), ApiError::validity_empty);
  EXPECT_EQ(refused(R"({"not_before":"2026-02-01T00:00:01Z"})"), ApiError::validity_empty);
  EXPECT_EQ(refused(R"({"expires_at":"2026-01-01T00:00:00Z"})"), ApiError::expires_at_past);
  EXPECT_EQ(refused(R"({"expires_at":"soon"})"), ApiError::expires_at_invalid);
  EXPECT_EQ(refused(R"({"not_before":""})"), ApiError::not_before_invalid);
  EXPECT_EQ(refused(R"({"grace_seconds":31622401})"), ApiError::grace_invalid);
  apply(R"({"not_before":null,"expires_at":null})");
  EXPECT_FALSE(record_.not_before || record_.expires_at);
}

TEST_F(KeyRules, LimitsAreSetTakenBackAndBounded) {
  apply(R"({"requests_per_day":1,"addresses_per_day":256})");
  EXPECT_EQ(record_.limits, (KeyLimits{.requests_per_day = 1, .addresses_per_day = 256}));
  for (const char* body : {R"({"requests_per_day":0})", R"({"requests_per_day":1000000000001})", R"({"addresses_per_day":0})",
                           R"({"addresses_per_day":257})"})
    EXPECT_EQ(refused(body), ApiError::limit_invalid) << body;
  apply(R"({"label":"other"})");
  EXPECT_TRUE(record_.limits.any());
  apply(R"({"requests_per_day":null})");
  EXPECT_EQ(record_.limits, (KeyLimits{.addresses_per_day = 256}));
  apply(R"({"addresses_per_day":null})");
  EXPECT_FALSE(record_.limits.any());
}

TEST_F(KeyRules, MetadataHasASize) {
  const std::string most = R"({"a":")" + std::string(metadata_bytes_max - 8, 'x') + R"("})";
  apply(R"({"metadata": )" + most + "}");
  EXPECT_EQ(record_.metadata, most);
  EXPECT_EQ(refused(R"({"metadata":{"a":")" + std::string(metadata_bytes_max - 7, 'x') + R"("}})"), ApiError::metadata_invalid);
  apply(R"({"metadata":null})");
  EXPECT_EQ(record_.metadata, "");
}

TEST_F(KeyRules, ReplacedSecretsLiveAsLongAsTheirOverlap) {
  const auto rotate = [&](int second, int overlap, std::string_view secret) {
    const bool done = replace_secret(record_, Timestamp{now.seconds + second}, std::chrono::seconds(overlap)).has_value();
    if (done) record_.digest = sha256(secret);
    return done;
  };
  const auto open_at = [&](int second) {
    return std::ranges::count_if(record_.former_secrets,
                                 [&](const FormerSecret& secret) { return secret.valid_until.seconds > now.seconds + second; });
  };
  EXPECT_TRUE(rotate(0, 100, "a"));
  EXPECT_TRUE(rotate(1, 100, "b"));
  EXPECT_TRUE(rotate(2, 100, "c"));
  EXPECT_TRUE(rotate(3, 100, "d"));
  EXPECT_EQ(open_at(4), 4);
  EXPECT_FALSE(rotate(4, 100, "e"));
  EXPECT_FALSE(rotate(99, 100, "e"));
  EXPECT_TRUE(rotate(100, 100, "e"));
  EXPECT_EQ(record_.former_secrets.size(), 4u);
  EXPECT_EQ(open_at(100), 4);
  EXPECT_TRUE(rotate(101, 0, "f"));
  EXPECT_EQ(record_.former_secrets.size(), 4u);
  EXPECT_EQ(open_at(101), 0);
  EXPECT_TRUE(std::ranges::any_of(record_.former_secrets, [](const FormerSecret& f) { return f.digest == sha256("e"); }));
}

}  // namespace
}  // namespace packyard
