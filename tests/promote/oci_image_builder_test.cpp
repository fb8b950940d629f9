#include "promote/oci_image_builder.h"

#include <gtest/gtest.h>

#include "tests/promote/oci_samples.h"

namespace packyard {
namespace {

class OciImageBuilderTest : public ::testing::Test {
 protected:
  Result<OciImage> build(const OciDescriptor& top) {
    OciImageBuilder builder([&](const Sha256& digest) { return sample_.archive.find("blobs/sha256/" + digest.hex()); });
    TRY(builder.add(top));
    return builder.finish();
  }
  void expect_refused(const OciDescriptor& top, const std::string& words) {
    const auto outcome = build(top);
    ASSERT_FALSE(outcome.has_value()) << words;
    EXPECT_EQ(outcome.error().code, ErrorCode::invalid);
    EXPECT_TRUE(outcome.error().message.contains(words)) << outcome.error().message;
  }
  OciDescriptor config(const std::vector<std::string>& layers = {}) {
    return sample_.blob(oci_config_type, config_json(amd64, layers));
  }

  SampleArchive sample_;
};

TEST_F(OciImageBuilderTest, CollectsWhatAnIndexReaches) {
  const auto first = sample_.image(amd64, Compression::gzip), second = sample_.image(armv7, Compression::zstd);
  const auto proof = sample_.attestation(first);
  const auto top = sample_.index({first, second, proof});
  sample_.put("blobs/sha256/" + sha256("stray").hex(), "stray");
  const auto image = build(top);
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->top.digest, top.digest);
  EXPECT_EQ(image->top.media_type, oci_index_type);
  ASSERT_EQ(image->manifests.size(), 4U);
  const std::array<OciRole, 4> roles = {OciRole::image, OciRole::image, OciRole::attestation, OciRole::index};
  for (std::size_t i = 0; i < roles.size(); ++i) {
    EXPECT_EQ(image->manifests[i].role, roles[i]);
    EXPECT_EQ(sha256(image->manifests[i].bytes), image->manifests[i].descriptor.digest);
  }
  EXPECT_EQ(image->manifests[1].platform, armv7);
  EXPECT_EQ(image->manifests[2].platform, OciPlatform());
  EXPECT_EQ(image->top_manifest().descriptor.digest, top.digest);
  EXPECT_EQ(image->blobs.size(), 6U);
  EXPECT_FALSE(image->blobs.contains(sha256("stray")));
  for (const auto& [digest, blob] : image->blobs) EXPECT_EQ(digest_file(blob.file)->sha256, digest);
}

TEST_F(OciImageBuilderTest, AnImageAloneAndAnEmptyOne) {
  EXPECT_EQ(build(sample_.image(amd64))->manifests.front().platform, amd64);
  const auto empty = sample_.manifest(config(), {});
  EXPECT_EQ(build(empty)->blobs.size(), 1U);
}

// BuildKit: without a materials list the attestations of all platforms are one and the same manifest.
TEST_F(OciImageBuilderTest, OneAttestationOfSeveralImages) {
  const auto first = sample_.image(amd64), second = sample_.image(arm64);
  auto proof = sample_.attestation(first);
  auto again = proof;
  again.annotations["vnd.docker.reference.digest"] = second.digest_text();
  const auto image = build(sample_.index({first, second, proof, again}));
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->manifests.size(), 4U);
}

TEST_F(OciImageBuilderTest, AttestationsAsArtifactsAreReferrers) {
  const auto first = sample_.image(amd64);
  const std::string more =
      R"(,"artifactType":"application/vnd.docker.attestation.manifest.v1+json","annotations":{"k":"v"},"subject":)" +
      descriptor_json(described(oci_manifest_type, "x"));
  const auto image = build(sample_.index({first, sample_.attestation(first, more)}));
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->manifests[1].subject, sha256("x"));
  EXPECT_EQ(image->manifests[1].artifact_type, "application/vnd.docker.attestation.manifest.v1+json");
  EXPECT_EQ(image->manifests[1].annotations.at("k"), "v");
  EXPECT_FALSE(image->manifests[0].subject.has_value());
}

TEST_F(OciImageBuilderTest, ArtifactTypeIsTheConfigurationsOtherwise) {
  const std::string more = R"(,"annotations":{"k":"v"})";
  const auto plain = build(sample_.manifest(config(), {}, more));
  EXPECT_TRUE(plain->manifests[0].artifact_type.empty() && plain->manifests[0].annotations.empty());
  const auto referrer = build(sample_.manifest(config(), {}, more + R"(,"subject":)" + descriptor_json(described("t", "x"))));
  EXPECT_EQ(referrer->manifests[0].artifact_type, oci_config_type);
  EXPECT_EQ(referrer->manifests[0].annotations.size(), 1U);
}

TEST_F(OciImageBuilderTest, NothingElseComesInAsAnAttestation) {
  const auto first = sample_.image(amd64);
  const std::string bundle = R"(,"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json")";
  expect_refused(sample_.index({first, sample_.attestation(first, bundle)}),
                 "it is no attestation of BuildKit: its artifactType is");
  auto chart = sample_.manifest(sample_.blob("application/vnd.cncf.helm.config.v1+json", "{}"), {});
  chart.platform = OciPlatform{"unknown", "unknown", "", ""};
  chart.annotations["vnd.docker.reference.type"] = "attestation-manifest";
  expect_refused(sample_.index({first, chart}), "it is no attestation of BuildKit: its configuration is of type");
  auto nameless = sample_.attestation(first);
  nameless.annotations.clear();
  expect_refused(sample_.index({first, nameless}), "its platform is unknown/unknown");
  expect_refused(sample_.index({sample_.attestation(first)}), "the index names attestations and no image");
}

TEST_F(OciImageBuilderTest, BlobsMustBeWhatDescriptorsSay) {
  const std::string tar = layer_tar("x");
  const auto layer = described(oci_layer_type({}), tar);
  const auto missing = sample_.manifest(config({tar}), {layer});
  expect_refused(missing, "manifest " + missing.digest_text() + ": the archive does not hold " + layer.digest_text());
  sample_.put("blobs/sha256/" + layer.digest.hex(), tar + "x");
  expect_refused(missing, "has the digest sha256:" + sha256(tar + "x").hex());
  sample_.put("blobs/sha256/" + layer.digest.hex(), tar);
  EXPECT_TRUE(build(missing).has_value());
  auto longer = layer;
  ++longer.size_bytes;
  expect_refused(sample_.manifest(config({tar}), {longer}), "is 2048 bytes long, what points at it says 2049");
  const auto lost = described(oci_config_type, "{}");
  expect_refused(sample_.manifest(lost, {}), "does not hold " + lost.digest_text());
}

TEST_F(OciImageBuilderTest, AnIndexComesWithAllItsPlatforms) {
  auto absent = described(oci_manifest_type, "not here");
  absent.platform = arm64;
  expect_refused(sample_.index({sample_.image(amd64), absent}), "which its index names for linux/arm64; save all platforms");
}

TEST_F(OciImageBuilderTest, LayersMustBeWhatTheConfigurationSays) {
  const std::string tar = layer_tar("x"), gzip = compressed(Compression::gzip, tar);
  const auto layer = sample_.blob(oci_layer_type(Compression::gzip), gzip);
  EXPECT_TRUE(build(sample_.manifest(config({tar}), {layer})).has_value());
  expect_refused(sample_.manifest(config({"other"}), {layer}), "uncompressed it is " + oci_digest(sha256(tar)));
  expect_refused(sample_.manifest(config({tar, tar}), {layer}), "it has 1 layers, its configuration knows 2 (diff_ids)");
  EXPECT_TRUE(build(sample_.manifest(config({tar, tar}), {layer, layer})).has_value());
  const auto plain = described(oci_layer_type({}), gzip);
  expect_refused(sample_.manifest(config({tar}), {plain}), "the image's configuration says");
}

TEST_F(OciImageBuilderTest, LayersThatLieElsewhereAreRefused) {
  const auto foreign = sample_.blob("application/vnd.oci.image.layer.nondistributable.v1.tar", "x");
  expect_refused(sample_.manifest(config({"x"}), {foreign}), "lies elsewhere");
  const auto encrypted = sample_.blob("application/vnd.oci.image.layer.v1.tar+encrypted", "x");
  expect_refused(sample_.manifest(config({"x"}), {encrypted}), "is encrypted");
  std::string text = R"({"schemaVersion":2,"config":)" + descriptor_json(config({"x"})) + R"(,"layers":[)";
  std::string layer = descriptor_json(sample_.blob(oci_layer_type({}), "x"));
  layer.insert(layer.size() - 1, R"(,"urls":["https://example.org/layer"])");
  expect_refused(sample_.blob(oci_manifest_type, text + layer + "]}"), "has urls: clients would fetch it elsewhere");
}

TEST_F(OciImageBuilderTest, PlatformsComeFromTheConfiguration) {
  auto first = sample_.image(amd64);
  first.platform = arm64;
  expect_refused(sample_.index({first}), "the index says linux/arm64, the image's configuration linux/amd64");
  first.platform.reset();
  EXPECT_EQ(build(sample_.index({first}))->manifests[0].platform, amd64);
  auto open = sample_.image({"linux", "arm", "", ""});
  open.platform = OciPlatform{"linux", "arm", "v6", ""};
  EXPECT_EQ(build(sample_.index({open}))->manifests[0].platform.variant, "v6");
}

TEST_F(OciImageBuilderTest, OneImagePerPlatform) {
  const std::string tar = layer_tar("other");
  auto other = sample_.manifest(sample_.blob(oci_config_type, config_json({"linux", "arm64", "v8", ""}, {tar})),
                                {sample_.blob(oci_layer_type({}), tar)});
  const auto first = sample_.image(arm64);
  expect_refused(sample_.index({first, other}),
                 "two images for linux/arm64/v8: " + first.digest_text() + " and " + other.digest_text());
  expect_refused(sample_.index({first, first}), "the index names " + first.digest_text() + " twice");
  EXPECT_TRUE(build(sample_.index({sample_.image({"linux", "arm", "v6", ""}), sample_.image(armv7)})).has_value());
}

// Clients go by the index alone: there arm is arm/v7, whatever the configurations say.
TEST_F(OciImageBuilderTest, AnIndexListsAPlatformOnce) {
  auto first = sample_.image({"linux", "arm", "v6", ""}), other = sample_.image(armv7);
  EXPECT_TRUE(build(sample_.index({first, other})).has_value());
  first.platform = other.platform = OciPlatform{"linux", "arm", "", ""};
  expect_refused(sample_.index({first, other}),
                 "the index lists two images for linux/arm: " + first.digest_text() + " and " + other.digest_text());
  other.platform.reset();
  expect_refused(sample_.index({first, other}), "the index lists two images for linux/arm/v7");
  first.platform->variant = "v6";
  EXPECT_TRUE(build(sample_.index({first, other})).has_value());
}

TEST_F(OciImageBuilderTest, OnlyImages) {
  expect_refused(sample_.manifest(sample_.blob("application/vnd.cncf.helm.config.v1+json", "{}"), {}),
                 "it is no image: its configuration is of type 'application/vnd.cncf.helm.config.v1+json'");
  expect_refused(sample_.index({sample_.blob("application/vnd.oci.artifact.manifest.v1+json", "{}")}),
                 "neither an image nor an index");
  expect_refused(sample_.blob("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}"),
                 "neither an image nor an index");
  expect_refused(sample_.blob(oci_manifest_type, R"({"schemaVersion":1})"), "schema version 1");
  expect_refused(sample_.blob(oci_manifest_type, "{"), "not JSON");
  expect_refused(sample_.manifest(sample_.blob(oci_config_type, "{}"), {}), "the platform is missing");
  expect_refused(sample_.index({}), "the index names no image");
}

TEST_F(OciImageBuilderTest, MediaTypesMustAgree) {
  const std::string text = R"({"schemaVersion":2,"mediaType":")" + std::string(oci_manifest_type) + R"(","config":)" +
                           descriptor_json(config()) + R"(,"layers":[]})";
  EXPECT_TRUE(build(sample_.blob(oci_manifest_type, text)).has_value());
  expect_refused(sample_.blob("application/vnd.docker.distribution.manifest.v2+json", text),
                 "it calls itself 'application/vnd.oci");
}

TEST_F(OciImageBuilderTest, DockersTypesAreKept) {
  const std::string tar = layer_tar("d");
  auto config = sample_.blob("application/vnd.docker.container.image.v1+json", config_json(amd64, {tar}));
  auto layer = sample_.blob("application/vnd.docker.image.rootfs.diff.tar.gzip", compressed(Compression::gzip, tar));
  const std::string type = "application/vnd.docker.distribution.manifest.v2+json";
  const auto child = sample_.blob(type, R"({"schemaVersion":2,"mediaType":")" + type + R"(","config":)" +
                                            descriptor_json(config) + R"(,"layers":[)" + descriptor_json(layer) + "]}");
  const auto image = build(sample_.blob("application/vnd.docker.distribution.manifest.list.v2+json", index_json({child})));
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->manifests[0].descriptor.media_type, type);
}

TEST_F(OciImageBuilderTest, DepthAndLengthAreLimited) {
  auto nested = sample_.index({sample_.image(amd64)});
  for (int depth = 2; depth <= 3; ++depth) nested = sample_.index({nested});
  EXPECT_EQ(build(nested)->manifests.size(), 4U);
  expect_refused(sample_.index({nested}), "indexes lie more than three deep in each other");
  expect_refused(sample_.blob(oci_manifest_type, std::string((4 << 20) + 1, ' ')), "is longer than the 4 MiB that clients read");
  std::vector<OciDescriptor> many;
  const std::string padding = std::string(3 << 20, ' ');
  for (int i = 0; i < 11; ++i) {
    const OciPlatform platform{"linux", "cpu" + std::to_string(i), "", ""};
    many.push_back(sample_.manifest(sample_.blob(oci_config_type, config_json(platform, {})), {}, padding));
  }
  expect_refused(sample_.index(many), "its manifests are longer than 32 MiB together");
}

}  // namespace
}  // namespace packyard
