#include "admin/key_fields.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

ApiError error_of(std::string_view body) {
  const auto parsed = parse_key_fields(body);
  EXPECT_FALSE(parsed) << body;
  return parsed ? ApiError::internal : parsed.error().error;
}

TEST(KeyFields, ReadsARequest) {
  const auto bare = parse_key_fields(R"({"component":"core","label":"M\u00fcller \ud83d\udd11"})");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->components, KeyFields::Texts{"core"});
  EXPECT_EQ(bare->label, "Müller \U0001F511");
  EXPECT_FALSE(bare->expires_at);
  const auto full = parse_key_fields(" {\n\"expires_at\" : \"2027-01-01T00:00:00Z\", \"label\":\"\", \"component\":\"\"} \n");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->expires_at, KeyFields::Time("2027-01-01T00:00:00Z"));
  EXPECT_EQ(parse_key_fields(R"({"expires_at":null})")->expires_at.value(), KeyFields::Time());
  EXPECT_EQ(parse_key_fields("{}").value(), KeyFields());
}

TEST(KeyFields, RefusesWhatIsNotOneObject) {
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

TEST(KeyFields, RefusesWrongFields) {
  EXPECT_EQ(error_of(R"({"component":"core","components":["core"]})"), ApiError::field_duplicate);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","expire_at":"2027-01-01T00:00:00Z"})"), ApiError::field_unknown);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","Label":"x"})"), ApiError::field_unknown);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","component":"core"})"), ApiError::field_duplicate);
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","l\u0061bel":"y"})"), ApiError::field_duplicate);
  for (const char* value : {"1", "-1", "1.5", "true", "[]", "{}", "[\"core\"]", "{\"a\":1}", "null"})
    EXPECT_EQ(error_of(std::string(R"({"component":"core","label":)") + value + "}"), ApiError::field_type) << value;
  EXPECT_EQ(error_of(R"({"component":"core","label":"x","expires_at":1893456000})"), ApiError::field_type);
}

TEST(KeyFields, DepthAndSizeDoNotMatter) {
  EXPECT_EQ(error_of(R"({"label":)" + std::string(60'000, '[')), ApiError::json_invalid);
  EXPECT_EQ(error_of(std::string(60'000, '[')), ApiError::json_invalid);
  const auto nested = [](std::size_t levels) { return R"({"metadata":)" + std::string("{\"a\":") + std::string(levels - 2, '[') + "1" +
                                                      std::string(levels - 2, ']') + "}}"; };
  EXPECT_TRUE(parse_key_fields(nested(16)));
  EXPECT_EQ(error_of(nested(17)), ApiError::metadata_invalid);
  EXPECT_EQ(error_of(R"({"metadata":)" + std::string(40, '[') + std::string(40, ']') + "}"), ApiError::json_invalid);
  std::string many = "{";
  for (int i = 0; i < 3000; ++i) many += "\"f" + std::to_string(i) + "\":1,";
  EXPECT_EQ(error_of(many + "\"label\":\"x\"}"), ApiError::field_unknown);
}

TEST(KeyFields, ErrorsNameFieldsEscapedAndNeverValues) {
  const auto parsed = parse_key_fields("{\"\\u001b[31m<script>\":\"pky_secret\"}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().detail.find('\x1b'), std::string::npos);
  EXPECT_NE(parsed.error().detail.find("<script>"), std::string::npos);
  EXPECT_EQ(parsed.error().detail.find("pky_secret"), std::string::npos);
  EXPECT_EQ(parse_key_fields("{\"label\":pky_secret}").error().detail.find("pky_secret"), std::string::npos);
}

TEST(KeyFields, ReadsAWholeScope) {
  const auto fields = parse_key_fields(R"({"components":["core","plus"],"years":["2025"],"formats":["rpm"],"addresses":["10.0.0.0/8"],
      "not_before":"2026-02-01T00:00:00Z","grace_seconds":86400,"metadata":{"customer":"M\u00fcller","ids":[1, 2.50]}})");
  ASSERT_TRUE(fields) << fields.error().detail;
  EXPECT_EQ(fields->components, (KeyFields::Texts{"core", "plus"}));
  EXPECT_EQ(fields->addresses, KeyFields::Texts{"10.0.0.0/8"});
  EXPECT_EQ(fields->grace_seconds, 86400u);
  EXPECT_EQ(fields->metadata, "{\"customer\":\"Müller\",\"ids\":[1,2.50]}");
  EXPECT_FALSE(fields->label || fields->expires_at);
}

TEST(KeyFields, NullIsTheDefault) {
  const auto fields =
      parse_key_fields(R"({"years":null,"formats":null,"addresses":null,"not_before":null,"grace_seconds":null,"metadata":null,
      "requests_per_day":null,"addresses_per_day":null})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->years, KeyFields::Texts());
  EXPECT_EQ(fields->formats, KeyFields::Texts());
  EXPECT_EQ(fields->addresses, KeyFields::Texts());
  EXPECT_EQ(fields->not_before.value(), KeyFields::Time());
  EXPECT_EQ(fields->grace_seconds, 0u);
  EXPECT_EQ(fields->requests_per_day.value(), KeyFields::Limit());
  EXPECT_EQ(fields->addresses_per_day.value(), KeyFields::Limit());
  EXPECT_EQ(fields->metadata, "");
  for (const char* name : {"component", "components", "label"})
    EXPECT_EQ(error_of("{\"" + std::string(name) + "\":null}"), ApiError::field_type) << name;
}

TEST(KeyFields, EachTypeIsHeld) {
  for (const char* body : {R"({"components":"core"})", R"({"components":[1]})", R"({"years":[2025]})", R"({"years":"2025"})",
                           R"({"formats":{}})", R"({"addresses":[["10.0.0.0/8"]]})", R"({"not_before":0})", R"({"grace_seconds":"1"})",
                           R"({"grace_seconds":-1})", R"({"grace_seconds":1.5})", R"({"grace_seconds":1e3})", R"({"metadata":[]})",
                           R"({"metadata":"{}"})", R"({"metadata":1})", R"({"requests_per_day":"1"})", R"({"requests_per_day":-1})",
                           R"({"addresses_per_day":1.5})", R"({"addresses_per_day":[]})"})
    EXPECT_EQ(error_of(body), ApiError::field_type) << body;
  EXPECT_EQ(error_of(R"({"metadata":{"a":1,"a":2}})"), ApiError::field_duplicate);
}

TEST(KeyFields, AreWrittenAsTheyAreRead) {
  KeyFields fields;
  fields.components = {"core"};
  fields.label = "a\"b";
  fields.expires_at = KeyFields::Time("2027-01-01T00:00:00Z");
  EXPECT_EQ(key_fields_json(fields), "{\"component\":\"core\",\"label\":\"a\\\"b\",\"expires_at\":\"2027-01-01T00:00:00Z\"}\n");
  fields.components = {"core", "plus"};
  fields.years = KeyFields::Texts();
  fields.not_before = KeyFields::Time();
  fields.grace_seconds = 5;
  fields.requests_per_day = 1000;
  fields.addresses_per_day = KeyFields::Limit();
  fields.metadata = R"({"a":[1,-2.0,null]})";
  EXPECT_EQ(parse_key_fields(key_fields_json(fields)).value(), fields);
}

TEST(KeyFields, ARotationNamesItsOverlap) {
  EXPECT_EQ(parse_overlap(R"({"overlap_seconds":86400})").value(), 86400u);
  EXPECT_EQ(parse_overlap(R"({"overlap_seconds":0})").value(), 0u);
  EXPECT_EQ(parse_overlap("{}").error().error, ApiError::field_missing);
  EXPECT_EQ(parse_overlap("").error().error, ApiError::json_invalid);
  EXPECT_EQ(parse_overlap(R"({"overlap":1})").error().error, ApiError::field_unknown);
  for (const char* value : {"null", "-1", "1.0", "\"1\"", "[]"})
    EXPECT_EQ(parse_overlap(std::string(R"({"overlap_seconds":)") + value + "}").error().error, ApiError::field_type) << value;
}

TEST(KeyFields, SomeRequestsSayNothing) {
  EXPECT_TRUE(parse_nothing(""));
  EXPECT_TRUE(parse_nothing(" { }\n"));
  EXPECT_EQ(parse_nothing(R"({"label":"x"})").error().error, ApiError::field_unknown);
  EXPECT_EQ(parse_nothing("[]").error().error, ApiError::json_invalid);
}

}  // namespace
}  // namespace packyard
