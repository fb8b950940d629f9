#include "promote/oci_descriptor.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string hex = sha256("x").hex();

Result<OciDescriptor> read(const std::string& text) { return read_descriptor(parse_json(text).value()); }

TEST(OciDescriptor, IsReadAndWritten) {
  const std::string text = R"({"mediaType":"t","digest":"sha256:)" + hex +
                           R"(","size":5,"annotations":{"a":"1","b":"\"ä"},"platform":{"architecture":"arm","os":"linux",)"
                           R"("os.version":"1","variant":"v7"}})";
  const auto descriptor = read(text);
  ASSERT_TRUE(descriptor.has_value()) << descriptor.error().message;
  EXPECT_EQ(descriptor->digest, sha256("x"));
  EXPECT_EQ(descriptor->size_bytes, 5U);
  EXPECT_EQ(descriptor->platform, (OciPlatform{"linux", "arm", "v7", "1"}));
  EXPECT_EQ(descriptor->annotations.at("b"), "\"ä");
  EXPECT_FALSE(descriptor->has_urls);
  EXPECT_EQ(descriptor_json(*descriptor), text);
  const auto bare =
      read(R"({"mediaType":"t","digest":"sha256:)" + hex + R"(","size":0,"urls":["https://example.org"],"data":"e30="})");
  EXPECT_TRUE(bare->has_urls);
  EXPECT_EQ(descriptor_json(*bare), R"({"mediaType":"t","digest":"sha256:)" + hex + R"(","size":0})");
}

TEST(OciDescriptor, WhatIsMissingIsNamed) {
  EXPECT_EQ(read("{}").error().message, "a descriptor without mediaType");
  EXPECT_EQ(read(R"({"mediaType":"t","digest":"sha256:)" + hex + "\"}").error().message, "a descriptor without size");
  EXPECT_EQ(read(R"({"mediaType":"t","digest":"sha256:)" + hex + R"(","size":-1})").error().message,
            "the field 'size' is not a whole number");
  EXPECT_FALSE(read(R"({"mediaType":"t","digest":"sha256:)" + hex + R"(","size":1,"platform":{"os":"linux"}})").has_value());
}

TEST(OciDescriptor, OnlySha256) {
  EXPECT_EQ(parse_oci_digest("sha256:" + hex), sha256("x"));
  EXPECT_EQ(oci_digest(sha256("x")), "sha256:" + hex);
  EXPECT_EQ(parse_oci_digest("sha512:" + hex + hex).error().message,
            "a digest of kind sha512, which many clients cannot read; build the image with sha256 digests");
  for (const std::string& text : {std::string(), hex, "sha256:" + hex.substr(1), "sha256:" + hex + "0", "SHA256:" + hex,
                                  "sha256:../../" + hex, std::string("sha256:") + std::string(64, 'G')})
    EXPECT_TRUE(parse_oci_digest(text).error().message.contains("is not a digest")) << text;
}

}  // namespace
}  // namespace packyard
