#include "promote/image_seal.h"

#include "promote/image_sealer.h"
#include "signer/cosign_documents.h"
#include "tests/promote/image_press_fixture.h"

namespace packyard {
namespace {

class ImageSealTest : public ImagePressFixture {
 protected:
  ImageRecord sealed() {
    SampleArchive sample;
    sample.name({sample.image(amd64)});
    const auto image = read_oci_image(sample.archive).value();
    return ImageSealer(settings_, image_signer_, folder_ / "candidate").seal({target_, "1.0", image, {}, Timestamp{7}}).value();
  }
  ImageSeal seal() { return seal_of(settings_, image_signer_, target_).value(); }

  const TargetId target_ = TargetId::parse("oci/core/2025/server").value();
};

TEST_F(ImageSealTest, SaysWhatTheSettingsAndTheKeyAskFor) {
  EXPECT_EQ(seal().repository, "pkg.example.org/core/2025/server");
  EXPECT_TRUE(seal().is_legacy && seal().is_bundle);
  EXPECT_EQ(seal().key, key_hint(image_signer_.public_key()).value());
}

TEST_F(ImageSealTest, ARecordFitsUntilKeySiteOrFormsChange) {
  const ImageRecord record = sealed();
  EXPECT_TRUE(is_sealed_as(record, seal()));
  EXPECT_FALSE(lacks_signatures(record, seal(), bundled_manifests(record)));
  ImageSeal other = seal();
  other.key = "another";
  EXPECT_TRUE(lacks_signatures(record, other, {}));
  other = seal();
  other.repository = "new.example.org/core/2025/server";
  EXPECT_TRUE(lacks_signatures(record, other, {}));
  other = seal();
  other.is_bundle = false;
  EXPECT_FALSE(lacks_signatures(record, other, {}));
  EXPECT_FALSE(is_sealed_as(record, other)) << "it has more";
}

TEST_F(ImageSealTest, ABundleOfAnotherTagAsksForOneOfThis) {
  settings_.signing.image_signatures = {ImageSignature::legacy};
  const ImageRecord record = sealed();
  EXPECT_TRUE(is_sealed_as(record, seal()));
  EXPECT_TRUE(bundled_manifests(record).empty());
  EXPECT_TRUE(lacks_signatures(record, seal(), {record.top}));
}

TEST_F(ImageSealTest, ARecordThatNamesNoKeyIsLeftToVerify) {
  ImageRecord record = sealed();
  record.key.clear();
  EXPECT_FALSE(lacks_signatures(record, seal(), {}));
  EXPECT_FALSE(is_sealed_as(record, seal()));
}

}  // namespace
}  // namespace packyard
