#include "promote/checksum_file.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string hex = sha256("x").hex();

TEST(ChecksumFile, ReadsBareDigestsAndLinesOfSha256sum) {
  std::string upper = hex;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const std::string& text :
       {hex, hex + "\n", hex + "\r\n", upper, hex + "  acme.rpm\n", hex + " *acme.rpm", hex + "  build/out/acme.rpm\n"})
    EXPECT_EQ(parse_checksum_file(text, "acme.rpm").value(), sha256("x")) << text;
}

TEST(ChecksumFile, RefusesEverythingElse) {
  for (const std::string& text : {std::string(), std::string("\n"), hex.substr(1), hex + "0", hex + " acme.rpm",
                                  hex + "  other.rpm", hex + "  acme.rpm\n" + hex + "  b.rpm\n", "SHA256 (acme.rpm) = " + hex,
                                  " " + hex, hex + "  ", std::string(64, 'g'), hex + std::string(1, '\0')})
    EXPECT_EQ(parse_checksum_file(text, "acme.rpm").error().code, ErrorCode::invalid) << text;
}

}  // namespace
}  // namespace packyard
