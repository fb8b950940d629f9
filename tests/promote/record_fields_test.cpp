#include "promote/record_fields.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(RecordFields, RoundTripAnyBytes) {
  const std::string odd("a\0:3:x\n", 7);
  const std::string record = join_record({"", odd, "5:hello"});
  const auto fields = split_record(record, 3);
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ((*fields)[0], "");
  EXPECT_EQ((*fields)[1], odd);
  EXPECT_EQ((*fields)[2], "5:hello");
}

TEST(RecordFields, DamageIsCorrupt) {
  for (const char* record : {"", "3:ab", "3abc", "x:abc", "-1:a", "99999999999999999999999:a", "3:abc3"})
    EXPECT_EQ(split_record(record, 1).error().code, ErrorCode::corrupt) << record;
  EXPECT_FALSE(split_record("1:a1:b", 1).has_value());
}

}  // namespace
}  // namespace packyard
