#include "promote/deb_record.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(DebRecord, RoundTrips) {
  const std::string text = DebRecord{"Package: a\n", "misc", true, "usr/bin/a\n"}.text();
  const DebRecord record = DebRecord::parse(text).value();
  EXPECT_EQ(record.stanza, "Package: a\n");
  EXPECT_EQ(record.section, "misc");
  EXPECT_TRUE(record.has_files);
  EXPECT_EQ(record.files, "usr/bin/a\n");
}

TEST(DebRecord, KeepsNoFilesApartFromNotAsked) {
  const std::string asked = DebRecord{"s", "", true, ""}.text(), not_asked = DebRecord{"s", "", false, ""}.text();
  EXPECT_TRUE(DebRecord::parse(asked)->has_files);
  EXPECT_FALSE(DebRecord::parse(not_asked)->has_files);
}

TEST(DebRecord, DamageIsCorrupt) { EXPECT_EQ(DebRecord::parse("3:abc").error().code, ErrorCode::corrupt); }

}  // namespace
}  // namespace packyard
