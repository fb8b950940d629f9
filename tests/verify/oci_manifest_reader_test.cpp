#include "verify/oci_manifest_reader.h"

#include <gtest/gtest.h>

#include "core/base64.h"

namespace packyard {
namespace {

const std::string digest = "sha256:" + sha256("x").hex();

std::string descriptor(const std::string& media_type, const std::string& more = "") {
  return R"({"mediaType":")" + media_type + R"(","digest":")" + digest + R"(","size":1)" + more + "}";
}

const std::string image = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":)" +
                          descriptor("application/vnd.oci.image.config.v1+json") + R"(,"layers":[)" +
                          descriptor("application/vnd.oci.image.layer.v1.tar+gzip") + R"(],"subject":)" + descriptor("s") +
                          R"(,"artifactType":"a/b","annotations":{"k":"v"},"extra":{"more":[1.5,null]}})";
const std::string index_text =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" +
    descriptor("m", R"(,"platform":{"os":"linux","architecture":"arm64","variant":"v8","os.features":["x"]})") + "," +
    descriptor("n", R"(,"annotations":{"vnd.docker.reference.type":"attestation-manifest"})") + "]}";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(OciManifestReader, ReadsAnImage) {
  const auto read = read_manifest_document(image);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->kind, ManifestKind::image);
  EXPECT_EQ(read->config->digest, sha256("x"));
  ASSERT_EQ(read->layers.size(), 1u);
  EXPECT_EQ(read->layers[0].size_bytes, 1u);
  EXPECT_EQ(read->subject->media_type, "s");
  EXPECT_EQ(read->artifact_type, "a/b");
  EXPECT_EQ(read->annotations.at("k"), "v");
  EXPECT_TRUE(read_manifest_document(changed(image, "vnd.oci.image.manifest.v1", "vnd.docker.distribution.manifest.v2")));
  EXPECT_TRUE(read_manifest_document(changed(image, R"("mediaType":"application/vnd.oci.image.manifest.v1+json",)", "")));
}

TEST(OciManifestReader, ReadsAnIndex) {
  const auto read = read_manifest_document(index_text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->kind, ManifestKind::index);
  ASSERT_EQ(read->children.size(), 2u);
  EXPECT_EQ(read->children[0].platform->text(), "linux/arm64/v8");
  EXPECT_EQ(read->children[0].platform->normal().text(), "linux/arm64");
  EXPECT_FALSE(read->children[1].platform);
  EXPECT_EQ(read->children[1].annotations.size(), 1u);
  EXPECT_EQ((ManifestPlatform{"linux", "arm", "", ""}.normal().text()), "linux/arm/v7");
  EXPECT_EQ((ManifestPlatform{"windows", "x86_64", "", "10.0"}.normal().text()), "windows/amd64:10.0");
  EXPECT_TRUE((ManifestPlatform{"unknown", "unknown", "", ""}.is_unknown()));
}

TEST(OciManifestReader, RefusesWhatCouldHarmAClient) {
  for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
           {"\"schemaVersion\":2", "\"schemaVersion\":1"},
           {"\"schemaVersion\":2,", ""},
           {"image.manifest.v1", "image.index.v1"},
           {"application/vnd.oci.image.manifest.v1+json", "text/html"},
           {"sha256:", "sha512:"},
           {"sha256:", "sha256:0"},
           {"sha256:", "SHA256:"},
           {"\"size\":1", "\"size\":-1"},
           {"\"size\":1", "\"size\":1.0"},
           {"\"size\":1", "\"size\":\"1\""},
           {"\"size\":1", "\"sizes\":1"},
           {"\"config\"", "\"configs\""},
           {"\"layers\"", "\"blobs\""},
           {"\"layers\":[", "\"layers\":[[],"},
           {"\"mediaType\":\"application/vnd.oci.image.config.v1+json\",", ""},
           {"\"annotations\":{\"k\":\"v\"}", "\"annotations\":{\"k\":1}"},
           {"\"annotations\":{\"k\":\"v\"}", "\"annotations\":[]"},
           {"\"extra\":", "\"manifests\":[],\"extra\":"},
           {"\"extra\":", "\"Layers\":[],\"extra\":"},
           {"\"extra\":", "\"layer\xc5\xbf\":[],\"extra\":"},
           {"\"size\":1", "\"size\":1,\"Digest\":\"x\""},
           {"\"extra\":", "\"schemaVersion\":2,\"extra\":"},
           {"\"artifactType\":\"a/b\"", "\"artifactType\":7"},
           {"}]}", "}]"}}) {
    const bool is_for_index = std::string_view(from) == "}]}";
    EXPECT_FALSE(read_manifest_document(changed(is_for_index ? index_text : image, from, to))) << from << " -> " << to;
  }
  for (const auto& [from, to] :
       std::initializer_list<std::pair<const char*, const char*>>{{"\"os\":\"linux\",", ""},
                                                                  {"\"architecture\":\"arm64\"", "\"architecture\":\"\""},
                                                                  {"\"os\":", "\"OS\":\"x\",\"os\":"},
                                                                  {"\"variant\":\"v8\"", "\"variant\":8"},
                                                                  {"index.v1", "manifest.v1"}})
    EXPECT_FALSE(read_manifest_document(changed(index_text, from, to))) << from << " -> " << to;
  for (const char* text : {"", "[]", "{}", "null", "{\"schemaVersion\":2}"}) EXPECT_FALSE(read_manifest_document(text)) << text;
}

TEST(OciManifestReader, ComparesEmbeddedBytes) {
  const auto with = [](const std::string& data) { return changed(image, "\"size\":1", "\"size\":1,\"data\":\"" + data + "\""); };
  EXPECT_TRUE(read_manifest_document(with(encode_base64("x"))));
  EXPECT_FALSE(read_manifest_document(with(encode_base64("y"))));
  EXPECT_FALSE(read_manifest_document(with("*")));
}

TEST(OciManifestReader, IsBounded) {
  std::string layers = descriptor("l");
  for (std::size_t i = 1; i < manifest_entries_max; ++i) layers += "," + descriptor("l");
  const auto with = [&](const std::string& list) {
    return R"({"schemaVersion":2,"config":)" + descriptor("c") + R"(,"layers":[)" + list + "]}";
  };
  EXPECT_TRUE(read_manifest_document(with(layers)));
  EXPECT_FALSE(read_manifest_document(with(layers + "," + descriptor("l"))));
  EXPECT_FALSE(read_manifest_document(image + std::string(manifest_bytes_max, ' ')));
}

TEST(OciManifestReader, KnowsManifestTypes) {
  EXPECT_EQ(manifest_kind("application/vnd.docker.distribution.manifest.list.v2+json"), ManifestKind::index);
  EXPECT_FALSE(manifest_kind("application/vnd.oci.image.manifest.v1+json; charset=utf-8"));
  EXPECT_FALSE(manifest_kind("application/vnd.docker.distribution.manifest.v1+json"));
}

}  // namespace
}  // namespace packyard
