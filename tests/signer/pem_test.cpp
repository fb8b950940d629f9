#include "signer/pem.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string refusal(std::string_view text) {
  const auto bytes = read_pem(text, {"PUBLIC KEY", "OTHER KEY"});
  if (bytes) return "accepted";
  EXPECT_EQ(bytes.error().code, ErrorCode::invalid);
  return bytes.error().message;
}

TEST(Pem, WritesLinesOf64AndReadsThemBack) {
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    const std::string text = write_pem("PUBLIC KEY", bytes);
    EXPECT_EQ(read_pem(text, {"OTHER KEY", "PUBLIC KEY"}).value_or("refused"), bytes);
    bytes += static_cast<char>(i);
  }
  EXPECT_EQ(write_pem("PUBLIC KEY", std::string(49, 'x')),
            "-----BEGIN PUBLIC KEY-----\n"
            "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4\n"
            "eA==\n"
            "-----END PUBLIC KEY-----\n");
}

TEST(Pem, ReadsOtherLinesAndEnds) {
  EXPECT_EQ(read_pem("comment: of an editor\n\n-----BEGIN OTHER KEY-----\r\nZm9v\r\nYm\r\nFy\r\n-----END OTHER KEY-----\r\n\n",
                     {"OTHER KEY"})
                .value_or("refused"),
            "foobar");
  EXPECT_EQ(read_pem("-----BEGIN OTHER KEY-----\nZm9vYmFy\n-----END OTHER KEY-----", {"OTHER KEY"}).value_or("refused"),
            "foobar");
}

TEST(Pem, RefusesTheDamagedAndTheUnexpected) {
  const std::string begin = "-----BEGIN PUBLIC KEY-----\n", end = "-----END PUBLIC KEY-----\n";
  EXPECT_NE(refusal("").find("no PEM block found"), std::string::npos);
  EXPECT_NE(refusal("Zm9v\n").find("expected \"PUBLIC KEY\" or \"OTHER KEY\""), std::string::npos);
  EXPECT_NE(refusal("-----BEGIN -----\nZm9v\n").find("no PEM block found"), std::string::npos);
  EXPECT_NE(refusal("-----BEGIN public key-----\nZm9v\n").find("no PEM block found"), std::string::npos);
  EXPECT_NE(refusal("-----BEGIN " + std::string(65, 'A') + "-----\nZm9v\n").find("no PEM block found"), std::string::npos);
  EXPECT_NE(refusal("-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n").find("block \"PRIVATE KEY\", expected"),
            std::string::npos);
  EXPECT_NE(refusal(begin + "Zm9v\n").find("no end line"), std::string::npos);
  EXPECT_NE(refusal(begin + "Zm9v\n-----END OTHER KEY-----\n").find("different labels"), std::string::npos);
  EXPECT_NE(refusal(begin + "Zm9\n" + end).find("does not hold base64"), std::string::npos);
  EXPECT_NE(refusal(begin + "Zm 9v\n" + end).find("does not hold base64"), std::string::npos);
  EXPECT_NE(refusal(begin + "Proc-Type: 4,ENCRYPTED\n\nZm9v\n" + end).find("header lines"), std::string::npos);
  EXPECT_NE(refusal(begin + "Zm9v\n" + end + begin + "Zm9v\n" + end).find("something follows"), std::string::npos);
}

TEST(Pem, ErrorsHoldNothingOfTheText) {
  EXPECT_EQ(refusal("-----BEGIN PUBLIC KEY-----\nsecret!\n-----END PUBLIC KEY-----\n").find("secret"), std::string::npos);
  EXPECT_EQ(refusal("-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n").find("secret"), std::string::npos);
}

}  // namespace
}  // namespace packyard
