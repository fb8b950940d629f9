// Unpacked image archives made in memory, member by member, for images that no tool writes. The tools' own shapes come from
// tests/support/build_images.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/durable_file.h"
#include "promote/oci_descriptor.h"
#include "promote/oci_media_type.h"
#include "promote/unpacked_archive.h"
#include "tests/promote/stream_samples.h"
#include "tests/promote/tar_samples.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

inline OciDescriptor described(std::string_view media_type, std::string_view bytes) {
  OciDescriptor descriptor;
  descriptor.media_type = media_type;
  descriptor.digest = sha256(bytes);
  descriptor.size_bytes = bytes.size();
  return descriptor;
}

inline std::string index_json(const std::vector<OciDescriptor>& manifests) {
  std::string text = R"({"schemaVersion":2,"manifests":[)";
  for (std::size_t i = 0; i < manifests.size(); ++i) text += (i > 0 ? "," : "") + descriptor_json(manifests[i]);
  return text + "]}";
}

inline std::string config_json(const OciPlatform& platform, const std::vector<std::string>& layers) {
  std::string text = R"({"os":")" + platform.os + R"(","architecture":")" + platform.architecture + "\"";
  if (!platform.variant.empty()) text += R"(,"variant":")" + platform.variant + "\"";
  text += R"(,"rootfs":{"type":"layers","diff_ids":[)";
  for (std::size_t i = 0; i < layers.size(); ++i) text += (i > 0 ? ",\"" : "\"") + oci_digest(sha256(layers[i])) + "\"";
  return text + "]}}";
}

// A tar with one file.
inline std::string layer_tar(std::string_view content) { return tar_member("etc/content", content) + tar_end(); }

class SampleArchive {
 public:
  UnpackedArchive archive;

  void put(const std::string& name, std::string_view bytes) {
    const auto file = folder_ / std::to_string(files_++);
    EXPECT_TRUE(write_new_file(file, bytes, FileMode::world_readable).has_value());
    archive.members[name] = {file, bytes.size(), sha256(bytes)};
  }
  OciDescriptor blob(std::string_view media_type, std::string_view bytes) {
    put("blobs/sha256/" + sha256(bytes).hex(), bytes);
    return described(media_type, bytes);
  }
  OciDescriptor manifest(const OciDescriptor& config, const std::vector<OciDescriptor>& layers, std::string_view more = "") {
    std::string text = R"({"schemaVersion":2,"config":)" + descriptor_json(config) + R"(,"layers":[)";
    for (std::size_t i = 0; i < layers.size(); ++i) text += (i > 0 ? "," : "") + descriptor_json(layers[i]);
    return blob(oci_manifest_type, text + "]" + std::string(more) + "}");
  }
  // An image with one layer, in a way that its platform decides.
  OciDescriptor image(const OciPlatform& platform, std::optional<Compression> compression = std::nullopt) {
    const std::string tar = layer_tar("for " + platform.text());
    const auto layer = blob(oci_layer_type(compression), compression ? compressed(*compression, tar) : tar);
    OciDescriptor made = manifest(blob(oci_config_type, config_json(platform, {tar})), {layer});
    made.platform = platform;
    return made;
  }
  OciDescriptor attestation(const OciDescriptor& subject, std::string_view more = "") {
    const std::string statement = R"({"_type":"https://in-toto.io/Statement/v0.1","of":")" + subject.digest_text() + "\"}";
    const auto config = blob(oci_config_type, config_json({"unknown", "unknown", "", ""}, {statement}));
    OciDescriptor made = manifest(config, {blob("application/vnd.in-toto+json", statement)}, more);
    made.platform = OciPlatform{"unknown", "unknown", "", ""};
    made.annotations = {{"vnd.docker.reference.type", "attestation-manifest"},
                        {"vnd.docker.reference.digest", subject.digest_text()}};
    return made;
  }
  OciDescriptor index(const std::vector<OciDescriptor>& manifests) { return blob(oci_index_type, index_json(manifests)); }
  // Makes it a layout.
  void name(const std::vector<OciDescriptor>& tops) {
    put("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    put("index.json", index_json(tops));
  }

 private:
  TemporaryFolder folder_;
  int files_ = 0;
};

const inline OciPlatform amd64{"linux", "amd64", "", ""};
const inline OciPlatform arm64{"linux", "arm64", "", ""};
const inline OciPlatform armv7{"linux", "arm", "v7", ""};

}  // namespace packyard
