#include "core/base64.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(Base64, VectorsOfTheSpecification) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text).value_or("refused"), bytes);
  }
}

TEST(Base64, EveryByteAtEveryPlace) {
  std::string bytes;
  for (int i = 0; i < 256 * 3; ++i) {
    bytes += static_cast<char>(i * 7 + i / 256);
    EXPECT_EQ(decode_base64(encode_base64(bytes)).value_or("refused"), bytes);
  }
  EXPECT_EQ(encode_base64("\xff\xff\xbf"), "//+/");
}

TEST(Base64, RefusesWhatHasASecondText) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm9v\n", "Zm 9", "Zm-_",
                           "Zg==Zg==", "Z===", "Zm9vZ===", "Zm9\xff"}) {
    const auto decoded = decode_base64(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace packyard
