// A press for images with a key of its own, and images to stage, beside the fake packages of PressFixture.
#pragma once

#include <string>

#include "promote/image_record.h"
#include "promote/oci_format.h"
#include "tests/promote/oci_samples.h"
#include "tests/support/fake_image_signer.h"
#include "tests/support/press_fixture.h"

namespace packyard {

class ImagePressFixture : public PressFixture {
 protected:
  ImagePressFixture() {
    settings_.site = "pkg.example.org";
    settings_.oci_targets = {{TargetName::parse("server").value(), {"latest"}}};
    parts_->formats = {&format_, &images_};
  }

  // The bytes of a staged archive.
  static std::string tar_of(const SampleArchive& sample) {
    std::string tar;
    for (const auto& [name, member] : sample.archive.members) tar += tar_member(name, read(member.file));
    return tar + tar_end();
  }
  static std::string image_tar(const OciPlatform& platform, const std::string& more = "") {
    SampleArchive sample;
    OciPlatform built = platform;
    auto image = sample.image(built);
    if (!more.empty()) {
      const std::string layer = layer_tar(more);
      image =
          sample.manifest(sample.blob(oci_config_type, config_json(platform, {layer})), {sample.blob(oci_layer_type({}), layer)});
      image.platform = platform;
    }
    sample.name({image});
    return tar_of(sample);
  }
  static std::string multi_platform_tar() {
    SampleArchive sample;
    const auto one = sample.image(amd64), other = sample.image(arm64);
    sample.name({sample.index({one, other, sample.attestation(one)})});
    return tar_of(sample);
  }
  void stage_image(const std::string& name, const std::string& bytes, const std::string& component = "core") {
    stage(component + "/2025/oci/server", name, bytes);
  }
  std::string repository(const std::string& component = "core") const {
    return read(public_ / "current" / "oci" / component / "2025/server/repository.json");
  }
  JsonNode repository_document(const std::string& component = "core") const { return parse_json(repository(component)).value(); }
  std::string tag(const std::string& name) const {
    const JsonNode document = repository_document();
    const JsonNode* found = document.find("tags")->find(name);
    return found == nullptr ? "" : found->text;
  }
  // Everything repository.json promises lies in the pool with that digest and size.
  void expect_whole(const std::string& component = "core") const {
    const JsonNode document = repository_document(component);
    const auto folder = public_ / "pool/oci" / component / "2025/server";
    for (const auto& entry : document.find("manifests")->items) {
      const std::string bytes = read(folder / "manifests/sha256" / entry.name.substr(7));
      EXPECT_EQ(digest_text(sha256(bytes)), entry.name);
      EXPECT_EQ(entry.find("size_bytes")->whole, bytes.size());
    }
    for (const auto& entry : document.find("blobs")->items) {
      const std::string bytes = read(folder / "blobs/sha256" / entry.name.substr(7));
      EXPECT_EQ(digest_text(sha256(bytes)), entry.name);
      EXPECT_EQ(entry.whole, bytes.size());
    }
    for (const auto& entry : document.find("tags")->items) EXPECT_NE(document.find("manifests")->find(entry.text), nullptr);
  }

  FakeImageSigner image_signer_;
  OciFormat images_{settings_, &image_signer_};
};

}  // namespace packyard
