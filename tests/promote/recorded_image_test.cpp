#include "promote/recorded_image.h"

#include <algorithm>

#include "core/tree_path.h"
#include "promote/image_sealer.h"
#include "promote/oci_documents.h"
#include "tests/promote/image_press_fixture.h"

namespace packyard {
namespace {

class RecordedImageTest : public ImagePressFixture {
 protected:
  RecordedImageTest() {
    const std::string sbom = R"({"spdxVersion":"SPDX-2.3"})";
    std::ofstream(folder_ / "sbom") << sbom;
    const auto one = sample_.image(amd64);
    sample_.name({sample_.index({one, sample_.image(arm64), sample_.attestation(one)})});
    image_ = read_oci_image(sample_.archive).value();
    record_ = ImageSealer(settings_, image_signer_, public_)
                  .seal({target_, "1.0", image_, {{spdx_type, folder_ / "sbom", {sha256(sbom), sbom.size()}}}, Timestamp{7}})
                  .value();
    sbom_ = sha256(sbom);
  }

  const TargetId target_ = TargetId::parse("oci/core/2025/server").value();
  SampleArchive sample_;
  OciImage image_;
  ImageRecord record_;
  Sha256 sbom_;
};

TEST_F(RecordedImageTest, ComesBackWithoutItsSignatures) {
  const auto found = read_recorded_image(public_, target_, record_, Attached::kept).value();
  ASSERT_EQ(found.manifests.size(), image_.manifests.size());
  EXPECT_EQ(found.manifests[0].digest, image_.top.digest);
  ASSERT_EQ(found.sboms.size(), 1u);
  EXPECT_EQ(record_.manifests.at(found.sboms[0].digest).artifact_type, spdx_type);
  EXPECT_EQ(found.held.size(), image_.manifests.size() + 1);
  EXPECT_EQ(found.blobs.size(), image_.blobs.size() + 2) << "the SBOM and its empty configuration";
  EXPECT_TRUE(found.blobs.contains(sbom_));
  for (const auto& entry : record_.signatures) EXPECT_FALSE(found.blobs.contains(entry.payload));
}

TEST_F(RecordedImageTest, WithoutWhatIsAttached) {
  const auto found = read_recorded_image(public_, target_, record_, Attached::left_out).value();
  EXPECT_TRUE(found.sboms.empty());
  EXPECT_EQ(found.held.size(), image_.manifests.size());
  EXPECT_EQ(found.blobs.size(), image_.blobs.size());
}

TEST_F(RecordedImageTest, OtherBytesInThePoolAreCorrupt) {
  std::ofstream(public_ / tree_path::oci_manifest(target_, record_.top), std::ios::app) << " ";
  EXPECT_EQ(read_recorded_image(public_, target_, record_, Attached::kept).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace packyard
