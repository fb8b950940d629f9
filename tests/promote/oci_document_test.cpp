#include "promote/oci_document.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string one = R"({"mediaType":"t","digest":"sha256:)" + sha256("x").hex() + R"(","size":1})";

template <class Parse>
std::string refusal(Parse parse, const std::string& text) {
  const auto outcome = parse(text);
  return outcome ? "" : outcome.error().message;
}

TEST(OciDocument, Index) {
  const auto index = parse_oci_index(R"({"schemaVersion":2,"mediaType":"m","manifests":[)" + one + "," + one + R"(],"subject":)" +
                                     one + R"(,"artifactType":"a","annotations":{"k":"v"}})");
  ASSERT_TRUE(index.has_value()) << index.error().message;
  EXPECT_EQ(index->media_type, "m");
  EXPECT_EQ(index->manifests.size(), 2U);
  EXPECT_EQ(index->subject, sha256("x"));
  EXPECT_EQ(index->artifact_type, "a");
  EXPECT_EQ(index->annotations.at("k"), "v");
  EXPECT_TRUE(parse_oci_index(R"({"schemaVersion":2,"manifests":null})")->manifests.empty());
}

TEST(OciDocument, Manifest) {
  const auto manifest = parse_oci_manifest(R"({"schemaVersion":2,"config":)" + one + R"(,"layers":[)" + one + "]}");
  ASSERT_TRUE(manifest.has_value()) << manifest.error().message;
  EXPECT_EQ(manifest->config.digest, sha256("x"));
  EXPECT_EQ(manifest->layers.size(), 1U);
  EXPECT_FALSE(manifest->subject.has_value());
  EXPECT_TRUE(parse_oci_manifest(R"({"schemaVersion":2,"config":)" + one + R"(,"layers":null})")->layers.empty());
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"layers":[]})"), "it has no config");
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"config":{}})"), "its config: a descriptor without mediaType");
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"config":)" + one + R"(,"layers":[1]})"),
            "its layers: not a JSON object");
}

TEST(OciDocument, WhatClientsUnderstandDifferentlyIsRefused) {
  const std::string both = "it is index and image manifest at once; clients differ in what they see";
  EXPECT_EQ(refusal(parse_oci_index, R"({"schemaVersion":2,"manifests":[],"layers":[]})"), both);
  EXPECT_EQ(refusal(parse_oci_index, R"({"schemaVersion":2,"manifests":[],"config":)" + one + "}"), both);
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"manifests":[],"config":)" + one + "}"), both);
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"config":)" + one + R"(,"Layers":[]})"),
            "a field that some clients take for 'layers' and others do not");
  EXPECT_EQ(refusal(parse_oci_index, R"({"schemaVersion":2,"manifests":[],"manifests":[]})"), "an object has one name twice");
}

TEST(OciDocument, SchemaVersionOneIsRefused) {
  const std::string old = "it is of schema version 1, which clients no longer read; save the image again with a present tool";
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":1,"name":"x"})"), old);
  EXPECT_EQ(refusal(parse_oci_manifest, R"({"schemaVersion":2,"fsLayers":[]})"), old);
  EXPECT_EQ(refusal(parse_oci_index, R"({"manifests":[]})"), "its schemaVersion is not 2");
  EXPECT_EQ(refusal(parse_oci_index, R"({"schemaVersion":3})"), "its schemaVersion is not 2");
}

TEST(OciDocument, ListsAreLimited) {
  const auto list = [](int count) {
    std::string text = one;
    for (int i = 1; i < count; ++i) text += "," + one;
    return R"({"schemaVersion":2,"manifests":[)" + text + "]}";
  };
  EXPECT_EQ(refusal(parse_oci_index, list(1000)), "");
  EXPECT_EQ(refusal(parse_oci_index, list(1001)), "more than 1000 manifests");
}

TEST(OciDocument, Config) {
  const auto config =
      parse_oci_config(R"({"architecture":"arm","os":"linux","variant":"v7","os.version":"1","config":{"Env":[]},)"
                       R"("rootfs":{"type":"layers","diff_ids":["sha256:)" +
                       sha256("x").hex() + R"("]}})");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->platform, (OciPlatform{"linux", "arm", "v7", "1"}));
  EXPECT_EQ(config->diff_ids, std::vector{sha256("x")});
  EXPECT_TRUE(parse_oci_config(R"({"architecture":"a","os":"l","rootfs":{"type":"layers"}})")->diff_ids.empty());
  EXPECT_EQ(refusal(parse_oci_config, R"({"os":"linux","rootfs":{"type":"layers"}})"),
            "the platform is missing (os and architecture)");
  EXPECT_EQ(refusal(parse_oci_config, R"({"os":"linux","architecture":"a"})"), "it has no rootfs");
  EXPECT_EQ(refusal(parse_oci_config, R"({"os":"l","architecture":"a","rootfs":{"type":"layers+base"}})"),
            "its rootfs is not of type layers");
  EXPECT_EQ(refusal(parse_oci_config, R"({"os":"l","architecture":"a","OS":"w","rootfs":{"type":"layers"}})"),
            "a field that some clients take for 'os' and others do not");
  EXPECT_TRUE(refusal(parse_oci_config, R"({"os":"l","architecture":"a","rootfs":{"type":"layers","diff_ids":["sha512:1"]}})")
                  .contains("sha512"));
}

TEST(OciDocument, ManifestOfDockerSave) {
  const auto images =
      parse_docker_manifest(R"([{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar","m"]},{"Config":"d"}])");
  ASSERT_TRUE(images.has_value()) << images.error().message;
  ASSERT_EQ(images->size(), 2U);
  EXPECT_EQ(images->front().config, "c.json");
  EXPECT_EQ(images->front().layers, (std::vector<std::string>{"l/layer.tar", "m"}));
  EXPECT_TRUE(images->back().layers.empty());
  EXPECT_EQ(refusal(parse_docker_manifest, "{}"), "it is not a list of images");
  EXPECT_EQ(refusal(parse_docker_manifest, "[{}]"), "an image without Config");
  EXPECT_EQ(refusal(parse_docker_manifest, R"([{"config":"c"}])"),
            "a field that some clients take for 'Config' and others do not");
}

TEST(OciDocument, LayoutVersion) {
  EXPECT_TRUE(check_oci_layout("{\"imageLayoutVersion\": \"1.0.0\"}\n").has_value());
  EXPECT_EQ(refusal(check_oci_layout, R"({"imageLayoutVersion":"2.0.0"})"), "its imageLayoutVersion is not 1.0.0");
  EXPECT_FALSE(check_oci_layout("[]").has_value());
}

}  // namespace
}  // namespace packyard
