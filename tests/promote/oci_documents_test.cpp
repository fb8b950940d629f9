#include "promote/oci_documents.h"

#include <gtest/gtest.h>

#include "core/json_document.h"
#include "promote/oci_media_type.h"
#include "signer/cosign_documents.h"

namespace packyard {
namespace {

TEST(SignatureManifest, HasALayerPerSignatureAndTheConfigCosignWrites) {
  const auto one = signature_manifest({{sha256("image"), sha256("payload"), 254, "MEUC=="}});
  EXPECT_EQ(one.config.size(), 233u);  // measured on cosign's own with one signature
  const auto two =
      signature_manifest({{sha256("image"), sha256("payload"), 254, "MEUC=="}, {sha256("image"), sha256("next"), 255, "MEQC"}});
  const auto document = parse_json(two.manifest);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->find("mediaType")->text, oci_manifest_type);
  EXPECT_EQ(document->find("config")->find("digest")->text, digest_text(sha256(two.config)));
  const auto& layers = document->find("layers")->items;
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[1].find("mediaType")->text, cosign::payload_media_type);
  EXPECT_EQ(layers[1].find("digest")->text, digest_text(sha256("next")));
  EXPECT_EQ(layers[1].find("size")->whole, 255u);
  EXPECT_EQ(layers[1].find("annotations")->find(cosign::signature_annotation)->text, "MEQC");
  const auto config = parse_json(two.config);
  ASSERT_TRUE(config);
  EXPECT_EQ(config->find("history")->items.size(), 2u);
  EXPECT_EQ(config->find("rootfs")->find("diff_ids")->items[0].text, digest_text(sha256("payload")));
  EXPECT_EQ(signature_tag(sha256("image")), "sha256-" + sha256("image").hex() + ".sig");
}

TEST(ReferrerManifest, PointsAtItsSubject) {
  const auto document =
      parse_json(referrer_manifest({spdx_type, sha256("sbom"), 4}, {oci_index_type, sha256("image"), 5}, {{"a", "b"}}));
  ASSERT_TRUE(document);
  EXPECT_EQ(document->find("artifactType")->text, spdx_type);
  EXPECT_EQ(document->find("config")->find("digest")->text, digest_text(sha256("{}")));
  EXPECT_EQ(document->find("layers")->items.at(0).find("mediaType")->text, spdx_type);
  EXPECT_EQ(document->find("subject")->find("mediaType")->text, oci_index_type);
  EXPECT_EQ(document->find("subject")->find("size")->whole, 5u);
  EXPECT_EQ(document->find("annotations")->find("a")->text, "b");
}

TEST(RepositoryJson, IsTheContractWithTheRegistry) {
  RepositoryContent content;
  content.tags["1.0"] = sha256("m");
  content.manifests[sha256("m")] = {"t", 1, sha256("s"), "a", {{"k", "v"}}};
  content.blobs[sha256("b")] = 7;
  const std::string text = repository_json(TargetId::parse("oci/core/2025/server").value(), 3, Timestamp{0}, content);
  EXPECT_EQ(
      text,
      "{\"repository\":\"core/2025/server\",\"generation\":3,\"published_at\":\"1970-01-01T00:00:00Z\",\n\"tags\":{\n\"1.0\":\"" +
          digest_text(sha256("m")) + "\"},\n\"manifests\":{\n\"" + digest_text(sha256("m")) +
          "\":{\"media_type\":\"t\",\"size_bytes\":1,\"subject\":\"" + digest_text(sha256("s")) +
          "\",\"artifact_type\":\"a\",\"annotations\":{\"k\":\"v\"}}},\n\"blobs\":{\n\"" + digest_text(sha256("b")) + "\":7}}\n");
  EXPECT_TRUE(parse_json(repository_json(TargetId::parse("oci/core/2025/server").value(), 1, Timestamp{0}, {})));
}

}  // namespace
}  // namespace packyard
