#include "promote/docker_archive.h"

#include <gtest/gtest.h>

#include "tests/promote/oci_samples.h"

namespace packyard {
namespace {

class DockerArchive : public ::testing::Test {
 protected:
  // manifest.json of one image.
  void name(const std::string& config, const std::vector<std::string>& layers) {
    std::string text = R"([{"Config":")" + config + R"(","RepoTags":["app:1"],"Layers":[)";
    for (std::size_t i = 0; i < layers.size(); ++i) text += (i > 0 ? ",\"" : "\"") + layers[i] + "\"";
    sample_.put("manifest.json", text + "]}]");
  }
  std::string refusal() {
    const auto image = read_docker_archive(sample_.archive);
    return image ? "" : image.error().message;
  }

  SampleArchive sample_;
  const std::string first_ = layer_tar("first"), second_ = layer_tar("second");
  const std::string config_ = config_json(arm64, {first_, second_, first_});
};

TEST_F(DockerArchive, GetsAManifestMadeOfItsContent) {
  const std::string zstd = compressed(Compression::zstd, second_);
  sample_.put("a/layer.tar", first_);
  sample_.put("b.tar", zstd);
  sample_.archive.links["c/layer.tar"] = "a/layer.tar";
  sample_.put(sha256(config_).hex() + ".json", config_);
  name(sha256(config_).hex() + ".json", {"a/layer.tar", "b.tar", "c/layer.tar"});
  const auto image = read_docker_archive(sample_.archive);
  ASSERT_TRUE(image.has_value()) << image.error().message;
  const auto plain = descriptor_json(described("application/vnd.oci.image.layer.v1.tar", first_));
  EXPECT_EQ(image->top_manifest().bytes,
            R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
                descriptor_json(described("application/vnd.oci.image.config.v1+json", config_)) + R"(,"layers":[)" + plain + "," +
                descriptor_json(described("application/vnd.oci.image.layer.v1.tar+zstd", zstd)) + "," + plain + "]}");
  EXPECT_EQ(image->top.digest, sha256(image->top_manifest().bytes));
  EXPECT_EQ(image->top.media_type, oci_manifest_type);
  EXPECT_EQ(image->manifests.size(), 1U);
  EXPECT_EQ(image->top_manifest().platform, arm64);
  EXPECT_EQ(image->blobs.size(), 3U);
  EXPECT_EQ(read_docker_archive(sample_.archive)->top.digest, image->top.digest);
}

TEST_F(DockerArchive, HoldsExactlyOneImage) {
  EXPECT_EQ(refusal(), "manifest.json: the archive does not hold it");
  sample_.put("manifest.json", R"([{"Config":"a"},{"Config":"b"}])");
  EXPECT_EQ(refusal(), "manifest.json: the archive holds 2 images; save exactly one into each file");
  sample_.put("manifest.json", "[]");
  EXPECT_EQ(refusal(), "manifest.json: the archive holds 0 images; save exactly one into each file");
  sample_.put("manifest.json", "");
  EXPECT_TRUE(refusal().starts_with("manifest.json: not JSON"));
}

TEST_F(DockerArchive, WhatItNamesMustBeThere) {
  sample_.put("config", config_);
  sample_.put("layer", first_);
  name("absent", {});
  EXPECT_EQ(refusal(), "manifest.json names 'absent', which the archive does not hold");
  name("config", {"layer", "../layer"});
  EXPECT_EQ(refusal(), "manifest.json names '../layer', which the archive does not hold");
  name("config", {"layer"});
  EXPECT_TRUE(refusal().contains("it has 1 layers, its configuration knows 3"));
  name("config", {"layer", "layer", "layer"});
  EXPECT_TRUE(refusal().contains("the image's configuration says " + oci_digest(sha256(second_))));
}

TEST_F(DockerArchive, AConfigurationNamedForAnotherDigestIsRefused) {
  const std::string wanted = "': its digest is " + oci_digest(sha256(config_)) + ", not that of its name";
  for (const std::string& config :
       {sha256("x").hex() + ".json", "sha256:" + sha256("x").hex(), "blobs/sha256/" + sha256("x").hex()}) {
    sample_.put(config, config_);
    name(config, {});
    EXPECT_EQ(refusal(), "configuration '" + config + wanted);
  }
}

TEST_F(DockerArchive, LayersOfUnknownCompressionAreRefused) {
  sample_.put("config", config_);
  sample_.put("layer", compressed(Compression::xz, first_));
  name("config", {"layer"});
  EXPECT_EQ(refusal(),
            "layer 'layer': it is compressed with xz or bzip2, which registries do not know; use gzip, zstd or nothing");
}

}  // namespace
}  // namespace packyard
