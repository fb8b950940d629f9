#include "registry/oci_digest.h"

#include <gtest/gtest.h>

#include <vector>

namespace packyard {
namespace {

TEST(OciDigest, ReadsWhatItWrites) {
  const Sha256 digest = sha256("x");
  EXPECT_EQ(oci_digest_text(digest), "sha256:" + digest.hex());
  EXPECT_EQ(parse_oci_digest(oci_digest_text(digest)), digest);
  EXPECT_TRUE(is_oci_digest(oci_digest_text(digest)));
}

TEST(OciDigest, RefusesWhatIsNone) {
  const std::string hex = sha256("x").hex();
  std::string upper = hex;
  upper[3] = 'A';
  const std::vector<std::string> cases = {"",
                                          hex,
                                          "sha256:",
                                          "sha256:" + hex.substr(1),
                                          "sha256:" + hex + "0",
                                          "sha256:" + upper,
                                          "SHA256:" + hex,
                                          "sha512:" + hex,
                                          "md5:" + hex.substr(32),
                                          "sha256:totallywrong"};
  for (const std::string& text : cases) {
    EXPECT_FALSE(parse_oci_digest(text)) << text;
    EXPECT_FALSE(is_oci_digest(text)) << text;
  }
  EXPECT_TRUE(is_oci_digest("sha512:" + hex + hex));
  EXPECT_FALSE(parse_oci_digest("sha512:" + hex + hex));
}

}  // namespace
}  // namespace packyard
