#include "storage/s3/entity_tag.h"

#include <gtest/gtest.h>

#include "core/digest.h"

namespace packyard {
namespace {

std::string md5(std::string_view bytes) {
  Md5Stream stream;
  stream.update(bytes);
  return stream.finish();
}

constexpr const char* of_abc = "\"900150983cd24fb0d6963f7d28e17f72\"";

TEST(EntityTag, AnMd5NamesItsBytesOnly) {
  const EntityTag tag = EntityTag::parse(of_abc);
  EXPECT_TRUE(tag.may_name(md5("abc")));
  EXPECT_FALSE(tag.may_name(md5("abd")));
  EXPECT_TRUE(tag.may_name(""));
  EXPECT_EQ(tag.quoted(), of_abc);
  EXPECT_EQ(tag, EntityTag::parse("900150983cd24fb0d6963f7d28e17f72"));
}

TEST(EntityTag, AnotherFormNamesNothing) {
  for (const char* text : {"\"0x8D\"", "\"900150983CD24FB0D6963F7D28E17F72\"", "\"900150983cd24fb0d6963f7d28e17f72-1\"", ""})
    EXPECT_TRUE(EntityTag::parse(text).may_name(md5("x"))) << text;
  EXPECT_TRUE(EntityTag::of({200, {{"etag", of_abc}, {"x-amz-server-side-encryption", "aws:kms"}}}).may_name(md5("x")));
  EXPECT_TRUE(
      EntityTag::of({200, {{"etag", of_abc}, {"x-amz-server-side-encryption-customer-algorithm", "AES256"}}}).may_name(md5("x")));
  EXPECT_FALSE(EntityTag::of({200, {{"etag", of_abc}, {"x-amz-server-side-encryption", "AES256"}}}).may_name(md5("x")));
}

TEST(EntityTag, NamesParts) {
  const std::vector<std::string> parts = {md5("abc"), md5("d")};
  Md5Stream stream;
  for (const auto& part : parts) stream.update(part);
  std::string hex;
  for (const char c : stream.finish()) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  EXPECT_TRUE(EntityTag::parse("\"" + hex + "-2\"").is_of_parts(parts));
  EXPECT_FALSE(EntityTag::parse("\"" + hex + "-3\"").is_of_parts(parts));
  EXPECT_FALSE(EntityTag::parse("\"" + hex + "-2\"").is_of_parts({md5("abc"), md5("e")}));
  EXPECT_FALSE(EntityTag::parse("\"something-else\"").is_of_parts(parts));
}

TEST(EntityTag, NeverBringsAnotherLineIntoAHeader) {
  EXPECT_TRUE(EntityTag::parse("\"a\r\nX-Evil: 1\"").empty());
  EXPECT_TRUE(EntityTag::parse("\"a b\"").empty());
  EXPECT_TRUE(EntityTag::of({200, {}}).empty());
}

}  // namespace
}  // namespace packyard
