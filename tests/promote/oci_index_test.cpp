#include "promote/oci_index.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "promote/oci_document.h"
#include "promote/oci_layout.h"
#include "tests/promote/oci_samples.h"

namespace packyard {
namespace {

OciImage read(SampleArchive& sample, const OciDescriptor& top) {
  sample.name({top});
  auto image = read_oci_layout(sample.archive);
  EXPECT_TRUE(image.has_value()) << image.error().message;
  return std::move(*image);
}

TEST(OciIndex, PartsBecomeOneIndexInOneOrder) {
  std::vector<SampleArchive> samples(3);
  std::vector<OciPart> parts;
  const std::vector<OciPlatform> platforms = {armv7, amd64, arm64};
  for (std::size_t i = 0; i < 3; ++i) {
    auto top = samples[i].image(platforms[i]);
    top.platform.reset();
    top.annotations["org.opencontainers.image.ref.name"] = "ignored";
    parts.push_back({"part" + std::to_string(i), read(samples[i], top)});
  }
  auto reversed = parts;
  std::ranges::reverse(reversed);
  const auto image = assemble_index(parts);
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(assemble_index(reversed)->top_manifest().bytes, image->top_manifest().bytes);
  EXPECT_EQ(image->top.media_type, oci_index_type);
  EXPECT_EQ(image->top.digest, sha256(image->top_manifest().bytes));
  EXPECT_EQ(image->manifests.size(), 4U);
  EXPECT_EQ(image->blobs.size(), 6U);
  const auto index = parse_oci_index(image->top_manifest().bytes);
  ASSERT_EQ(index->manifests.size(), 3U);
  EXPECT_EQ(index->media_type, oci_index_type);
  EXPECT_EQ(index->manifests[0].platform, amd64);
  EXPECT_EQ(index->manifests[1].platform, armv7);
  EXPECT_EQ(index->manifests[2].platform, arm64);
  EXPECT_TRUE(index->manifests[0].annotations.empty());
  EXPECT_TRUE(image->top_manifest().bytes.starts_with(
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":)"))
      << image->top_manifest().bytes;
}

TEST(OciIndex, OnePartIsAnIndexToo) {
  SampleArchive sample;
  const auto image = assemble_index({{"one", read(sample, sample.image(amd64))}});
  EXPECT_EQ(image->top.media_type, oci_index_type);
  EXPECT_EQ(image->manifests.size(), 2U);
}

TEST(OciIndex, PartsThatAreIndexesGiveImagesAndAttestations) {
  SampleArchive left, right;
  const auto first = left.image(arm64), second = right.image(amd64);
  const auto first_proof = left.attestation(first), second_proof = right.attestation(second);
  const auto image = assemble_index(
      {{"left", read(left, left.index({first, first_proof}))}, {"right", read(right, right.index({second_proof, second}))}});
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->manifests.size(), 5U);
  EXPECT_EQ(std::ranges::count(image->manifests, OciRole::index, &OciManifest::role), 1);
  const auto index = parse_oci_index(image->top_manifest().bytes);
  ASSERT_EQ(index->manifests.size(), 4U);
  EXPECT_EQ(index->manifests[0].digest, second.digest);
  EXPECT_EQ(index->manifests[1].digest, first.digest);
  EXPECT_EQ(index->manifests[2].digest, second_proof.digest);
  EXPECT_EQ(index->manifests[2].annotations, second_proof.annotations);
  EXPECT_EQ(index->manifests[3].digest, first_proof.digest);
  EXPECT_TRUE(index->manifests[3].platform->is_unknown());
}

TEST(OciIndex, TwoFilesForOnePlatformAreRefusedByName) {
  SampleArchive left, right;
  const auto image = assemble_index({{"1.0_amd64.tar", read(left, left.image(amd64))},
                                     {"1.0_x86.tar", read(right, right.image({"linux", "amd64", "v1", ""}))}});
  EXPECT_EQ(image.error().code, ErrorCode::invalid);
  EXPECT_EQ(image.error().message,
            "1.0_amd64.tar and 1.0_x86.tar both hold an image for linux/amd64/v1; stage one file per platform");
}

}  // namespace
}  // namespace packyard
