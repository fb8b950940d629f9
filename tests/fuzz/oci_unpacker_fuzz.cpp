// A staged image tar: unpacking writes nothing but numbered files into its folder, no more bytes than came in, and what it gives
// back is true; an image read from it is made of blobs that have the digests they are named for.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/check.h"
#include "promote/oci_image.h"
#include "promote/oci_index.h"
#include "promote/oci_unpacker.h"

using namespace packyard;

namespace {

// Empty before each run, gone at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / ("unpacker-fuzz-" + std::string(6, 'X'))).string();
    CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const std::filesystem::path& scratch() {
  static const Scratch folder;
  return folder.path();
}

void check_archive(const UnpackedArchive& archive, std::size_t input_bytes) {
  std::uint64_t bytes = 0;
  for (const auto& [name, member] : archive.members) {
    CHECK(!name.empty() && normalise_member_name(name) == name);
    CHECK(member.file.parent_path() == scratch());
    const auto digest = digest_file(member.file);
    CHECK(digest && digest->sha256 == member.sha256 && digest->size_bytes == member.size_bytes);
    bytes += member.size_bytes;
    CHECK(archive.find(name) == &member);
  }
  CHECK(bytes <= input_bytes);
  for (const auto& [name, target] : archive.links) CHECK(archive.members.contains(target) && !archive.members.contains(name));
}

void check_image(OciImage image) {
  CHECK(!image.manifests.empty() && image.top_manifest().descriptor.digest == image.top.digest);
  for (const OciManifest& manifest : image.manifests) {
    CHECK(sha256(manifest.bytes) == manifest.descriptor.digest && manifest.bytes.size() == manifest.descriptor.size_bytes);
    CHECK((manifest.role == OciRole::image) == !manifest.platform.os.empty());
  }
  for (const auto& [digest, blob] : image.blobs) CHECK(digest_file(blob.file)->sha256 == digest);
  CHECK(assemble_index({{"part", std::move(image)}}).has_value());
}

// Headers get the checksums they need, so that what stands behind them is met.
std::string with_checksums(std::string bytes) {
  for (std::size_t at = 0; at + 512 <= bytes.size(); at += 512) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    bytes.replace(at + 148, 8, "        ");
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(bytes[at + i]);
    char octal[8];
    std::snprintf(octal, sizeof octal, "%06o", sum);
    bytes.replace(at + 148, 7, std::string_view(octal, 7));
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& entry : std::filesystem::directory_iterator(scratch())) std::filesystem::remove(entry.path());
  OciUnpacker unpacker(scratch(), {.members_max = 50, .name_bytes_max = 200});
  CHECK(unpacker.write(with_checksums({reinterpret_cast<const char*>(data), size})).has_value());
  const auto archive = unpacker.finish();
  if (!archive) {
    CHECK(archive.error().code == ErrorCode::invalid);
    return 0;
  }
  check_archive(*archive, size);
  auto image = read_oci_image(*archive);
  if (image)
    check_image(std::move(*image));
  else
    CHECK(image.error().code == ErrorCode::invalid);
  return 0;
}
