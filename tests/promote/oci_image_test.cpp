#include "promote/oci_image.h"

#include <gtest/gtest.h>

#include "tests/promote/oci_samples.h"

namespace packyard {
namespace {

TEST(OciImage, ALayoutIsReadAsOneEvenBesideManifestJson) {
  SampleArchive sample;
  const auto top = sample.image(amd64, Compression::gzip);
  sample.name({top});
  sample.put("manifest.json", R"([{"Config":"absent"}])");
  EXPECT_EQ(read_oci_image(sample.archive)->top.digest, top.digest);
}

TEST(OciImage, WhatIsNoImageIsToldHowToBecomeOne) {
  SampleArchive file_system;
  file_system.put("etc/passwd", "root");
  EXPECT_EQ(
      read_oci_image(file_system.archive).error().message,
      "it is no image: neither an OCI layout (oci-layout) nor an archive of docker save (manifest.json); use docker save, not "
      "docker export");
  SampleArchive folder;
  folder.put("app/oci-layout", "{}");
  EXPECT_EQ(
      read_oci_image(folder.archive).error().message,
      "the image lies in a folder of the archive ('app/oci-layout'); pack the folder's content: tar -C FOLDER -cf {tag}.tar .");
  EXPECT_FALSE(read_oci_image(UnpackedArchive()).has_value());
}

}  // namespace
}  // namespace packyard
