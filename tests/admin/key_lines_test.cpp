#include "admin/key_lines.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace packyard {
namespace {

KeyRecord full_record() {
  KeyRecord record{.id = KeyId{"key_0123456789abcdef"},
                   .digest = sha256("x"),
                   .pepper_id = "0badcafe",
                   .scope = KeyScope::of(ComponentName::parse("retired").value()),
                   .label = "Müller \"A\"",
                   .created_at = Timestamp{1'600'000'000},
                   .not_before = Timestamp{1'600'000'001},
                   .expires_at = Timestamp{1'600'000'002},
                   .grace = std::chrono::seconds(5),
                   .revoked_at = Timestamp{1'600'000'003},
                   .suspended_at = Timestamp{1'600'000'004},
                   .former_secrets = {{sha256("a"), "0badcafe", Timestamp{20}}, {sha256("b"), "old", Timestamp{10}}},
                   .metadata = R"({"n":123456789012345678901234567890})",
                   .limits = {.requests_per_day = 1000, .addresses_per_day = 5},
                   .last_used_at = Timestamp{1'600'000'005},
                   .use_count = 1ull << 40};
  record.scope.years = {Year::parse("2025").value()};
  record.scope.formats = {Format::rpm, Format::oci};
  record.scope.addresses = {AddressRange::parse("203.0.113.0/24").value()};
  return record;
}

TEST(KeyLines, AnExportComesBackAsItWas) {
  KeyRecord bare{.id = KeyId{"key_fedcba9876543210"},
                 .digest = sha256("y"),
                 .pepper_id = "0badcafe",
                 .scope = {{ComponentName::parse("core").value(), ComponentName::parse("plus").value()}},
                 .label = "x",
                 .created_at = Timestamp{5}};
  const std::string lines = exported_key_line(full_record()) + "\r\n" + exported_key_line(bare);
  EXPECT_EQ(std::ranges::count(exported_key_line(bare), '\n'), 1);
  const auto read = parse_exported_keys(lines);
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0], full_record());
  EXPECT_EQ((*read)[1], bare);
}

TEST(KeyLines, ALineThatIsWrongIsNamed) {
  const std::string good = exported_key_line(full_record());
  const auto broken = [&](const std::string& what, const std::string& with) {
    std::string line = good;
    const auto read = parse_exported_keys(good + "\n" + line.replace(line.find(what), what.size(), with));
    EXPECT_FALSE(read) << with;
    EXPECT_TRUE(read.error().detail.starts_with("line 3: ")) << read.error().detail;
    return read.error().error;
  };
  EXPECT_EQ(broken("key_0123456789abcdef", "key_../0123456789"), ApiError::field_type);
  EXPECT_EQ(broken(sha256("x").hex(), "00"), ApiError::field_type);
  EXPECT_EQ(broken("\"digest\":", "\"digests\":"), ApiError::field_unknown);
  EXPECT_EQ(broken("\"created_at\":\"2020-09-13T12:26:40Z\",", ""), ApiError::field_missing);
  EXPECT_EQ(broken("\"use_count\":1099511627776", "\"use_count\":-1"), ApiError::field_type);
  EXPECT_EQ(broken("\"component\":\"retired\",", ""), ApiError::field_missing);
  EXPECT_EQ(broken("retired", "RETIRED"), ApiError::component_unknown);
  EXPECT_EQ(broken("\"valid_until\"", "\"until\""), ApiError::field_type);
  EXPECT_EQ(broken("203.0.113.0/24", "203.0.113.1/24"), ApiError::scope_invalid);
  EXPECT_EQ(broken("}", ""), ApiError::json_invalid);
}

TEST(KeyLines, KeysToMakeAreReadLineByLine) {
  const auto read = parse_key_lines("{\"component\":\"core\",\"label\":\"a\"}\n\n {\"component\":\"plus\",\"label\":\"b\"}");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[1].label, "b");
  EXPECT_TRUE(parse_key_lines("\n \n")->empty());
  EXPECT_EQ(parse_key_lines("{}\n[]").error().error, ApiError::json_invalid);
  std::string many;
  for (std::size_t i = 0; i <= lines_max; ++i) many += "{}\n";
  EXPECT_EQ(parse_key_lines(many).error().error, ApiError::body_too_large);
}

}  // namespace
}  // namespace packyard
