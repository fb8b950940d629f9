#include "promote/oci_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "promote/oci_document.h"
#include "promote/oci_index.h"
#include "promote/oci_unpacker.h"
#include "tests/promote/oci_samples.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

std::map<std::string, std::string> test_digests() {
  std::map<std::string, std::string> digests;
  std::ifstream file(test_images() / "digests");
  for (std::string name, digest; file >> name >> digest;) digests[name] = digest;
  return digests;
}

// As the press does: in pieces through the unpacker, then read.
Result<OciImage> read_file(const std::filesystem::path& file, const std::filesystem::path& scratch) {
  OciUnpacker unpacker(scratch);
  std::ifstream input(file, std::ios::binary);
  std::vector<char> block(50'000);
  while (input.read(block.data(), static_cast<std::streamsize>(block.size())) || input.gcount() > 0)
    TRY(unpacker.write({block.data(), static_cast<std::size_t>(input.gcount())}));
  TRY_ASSIGN(const UnpackedArchive archive, unpacker.finish());
  return read_oci_image(archive);
}

TEST(OciImage, EveryShapeTheToolsWrite) {
  const auto digests = test_digests();
  ASSERT_GE(digests.size(), 19U);
  for (const auto& [name, digest] : digests) {
    TemporaryFolder scratch;
    const auto image = read_file(test_images() / (name + ".tar"), scratch.path());
    ASSERT_TRUE(image.has_value()) << name << ": " << image.error().message;
    EXPECT_EQ(image->top.digest_text(), digest) << name;
    const bool is_multi = name.starts_with("buildx-multi");
    EXPECT_EQ(std::ranges::count(image->manifests, OciRole::image, &OciManifest::role), is_multi         ? 4
                                                                                        : name == "oras" ? 2
                                                                                                         : 1)
        << name;
    const bool is_attested = name == "buildx-multi" || name == "buildx-artifact-attestation" || name.starts_with("part-");
    EXPECT_EQ(std::ranges::count(image->manifests, OciRole::attestation, &OciManifest::role), is_attested ? 1 : 0) << name;
    for (const auto& [blob, file] : image->blobs) EXPECT_EQ(digest_file(file.file)->sha256, blob) << name;
  }
}

TEST(OciImage, PartsOfEachPlatformBecomeOneIndex) {
  TemporaryFolder scratch;
  std::vector<OciPart> parts;
  for (const char* architecture : {"s390x", "arm", "arm64", "amd64"}) {
    ASSERT_TRUE(make_folders(scratch / architecture).has_value());
    auto part = read_file(test_images() / ("part-" + std::string(architecture) + ".tar"), scratch / architecture);
    ASSERT_TRUE(part.has_value()) << part.error().message;
    parts.push_back({architecture, std::move(*part)});
  }
  const auto image = assemble_index(std::move(parts));
  ASSERT_TRUE(image.has_value()) << image.error().message;
  const auto index = parse_oci_index(image->top_manifest().bytes);
  std::string platforms;
  for (const OciDescriptor& child : index->manifests) platforms += child.platform->text() + " ";
  EXPECT_EQ(platforms,
            "linux/amd64 linux/arm/v7 linux/arm64 linux/s390x unknown/unknown unknown/unknown unknown/unknown unknown/unknown ");
}

// The bytes of each file changed somewhere, cut, or made longer: an error or the same image, never another one.
TEST(OciImage, DamageIsFoundOrDoesNotMatter) {
  for (const std::string name : {"buildx-multi-zstd", "archive-docker"}) {
    std::ifstream input(test_images() / (name + ".tar"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(input), {}};
    const std::string digest = test_digests().at(name);
    for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 23) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      for (const std::string& text : {damaged, bytes.substr(0, at)}) {
        TemporaryFolder folder;
        ASSERT_TRUE(make_folders(folder / "scratch").has_value());
        ASSERT_TRUE(write_new_file(folder / "tar", text, FileMode::world_readable).has_value());
        const auto image = read_file(folder / "tar", folder / "scratch");
        const std::string where = name + " at " + std::to_string(at);
        if (image) {
          EXPECT_EQ(image->top.digest_text(), digest) << where;
        } else {
          EXPECT_EQ(image.error().code, ErrorCode::invalid) << where << ": " << image.error().message;
        }
      }
    }
  }
}

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
