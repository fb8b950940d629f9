#include "promote/oci_layout.h"

#include <gtest/gtest.h>

#include "tests/promote/oci_samples.h"

namespace packyard {
namespace {

std::string refusal(const SampleArchive& sample) {
  const auto image = read_oci_layout(sample.archive);
  return image ? "" : image.error().message;
}

TEST(OciLayout, OneImageUnderManyNames) {
  SampleArchive sample;
  auto first = sample.image(amd64, Compression::gzip);
  auto again = first;
  first.annotations["org.opencontainers.image.ref.name"] = "app:1.0";
  again.annotations["org.opencontainers.image.ref.name"] = "latest";
  sample.name({first, again});
  const auto image = read_oci_layout(sample.archive);
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->top.digest, first.digest);
  EXPECT_TRUE(image->top.annotations.empty());
}

TEST(OciLayout, AnIndexWithItsPartsBesideIt) {
  SampleArchive sample;
  const auto first = sample.image(amd64), second = sample.image(arm64), proof = sample.attestation(first);
  const auto top = sample.index({first, second, proof});
  sample.name({second, proof, top, first});
  const auto image = read_oci_layout(sample.archive);
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->top.digest, top.digest);
}

TEST(OciLayout, SeveralImagesAreRefused) {
  SampleArchive sample;
  const auto first = sample.image(amd64), second = sample.image(arm64);
  sample.name({first, second});
  const std::string message = refusal(sample);
  EXPECT_TRUE(message.starts_with("index.json: it names 2 manifests (sha256:")) << message;
  EXPECT_TRUE(message.contains(first.digest_text()) && message.contains(second.digest_text())) << message;
  EXPECT_TRUE(message.ends_with("put one image or one index of all platforms into a file")) << message;
  SampleArchive beside;
  const auto one = beside.image(amd64), other = beside.image(arm64);
  beside.name({beside.index({one}), other});
  EXPECT_TRUE(refusal(beside).starts_with("index.json: it names 2 manifests"));
  SampleArchive broken;
  broken.name({described(oci_index_type, "gone"), broken.image(amd64)});
  EXPECT_TRUE(refusal(broken).contains("the archive does not hold it"));
}

TEST(OciLayout, BrokenLayoutsAreRefused) {
  SampleArchive sample;
  EXPECT_EQ(refusal(sample), "oci-layout: the archive does not hold it");
  sample.put("oci-layout", R"({"imageLayoutVersion":"0.9"})");
  EXPECT_EQ(refusal(sample), "oci-layout: its imageLayoutVersion is not 1.0.0");
  sample.put("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(refusal(sample), "index.json: the archive does not hold it");
  sample.name({});
  EXPECT_EQ(refusal(sample), "index.json: it names no image");
  sample.put("index.json", "[]");
  EXPECT_EQ(refusal(sample), "index.json: not a JSON object");
  sample.put("index.json", std::string((4 << 20) + 1, ' '));
  EXPECT_EQ(refusal(sample), "index.json: it is longer than 4 MiB");
}

}  // namespace
}  // namespace packyard
