#include "registry/repository_document.h"

#include <gtest/gtest.h>

#include "registry/oci_digest.h"
#include "tests/registry/published_images.h"

namespace packyard {
namespace {

const std::string name = "core/2025/server";

PublishedImages::Manifest manifest(std::optional<Sha256> subject = {}, std::string artifact_type = "",
                                   std::map<std::string, std::string> annotations = {}) {
  return {std::string(image_manifest_type), 10, subject, std::move(artifact_type), std::move(annotations)};
}

Result<RepositoryDocument> parse(const PublishedImages::Repository& repository, const std::string& called = name) {
  return RepositoryDocument::parse(PublishedImages::json_of(called, repository));
}

TEST(RepositoryDocument, FindsTagsManifestsBlobsAndReferrers) {
  PublishedImages::Repository repository;
  repository.generation = 3;
  const Sha256 top = sha256("top"), other = sha256("other"), blob = sha256("blob");
  repository.manifests = {{top, manifest()}, {other, manifest()}};
  std::vector<Sha256> referring;
  for (const char* text : {"1", "2", "3", "4"}) referring.push_back(sha256(text));
  repository.manifests[referring[0]] = manifest(top, "a/b", {{"k", "v\"\n"}, {"l", "ä"}});
  for (std::size_t i = 1; i < referring.size(); ++i) repository.manifests[referring[i]] = manifest(top);
  repository.manifests[sha256("5")] = manifest(sha256("elsewhere"), "a/b");
  repository.tags = {{"1.0", top}, {"latest", other}};
  repository.blobs = {{blob, 7}};
  const auto document = parse(repository);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->repository(), name);
  EXPECT_EQ(document->generation(), 3u);
  EXPECT_EQ(*document->find_tag("1.0"), top);
  EXPECT_EQ(document->find_tag("1"), nullptr);
  EXPECT_EQ(document->find_tag("LATEST"), nullptr);
  EXPECT_EQ(document->find_manifest(other)->media_type, image_manifest_type);
  EXPECT_EQ(document->find_manifest(other)->size_bytes, 10u);
  EXPECT_EQ(document->find_manifest(blob), nullptr);
  EXPECT_TRUE(document->holds_blob(blob));
  EXPECT_FALSE(document->holds_blob(top));
  const auto found = document->referrers(top);
  ASSERT_EQ(found.size(), 4u);
  for (std::size_t i = 1; i < found.size(); ++i)
    EXPECT_LT(oci_digest_text(found[i - 1].digest), oci_digest_text(found[i].digest));
  for (const Referrer& referrer : found) {
    if (referrer.digest != referring[0]) continue;
    EXPECT_EQ(referrer.artifact_type, "a/b");
    EXPECT_EQ(referrer.descriptor, "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"" +
                                       oci_digest_text(referring[0]) +
                                       R"(","size":10,"artifactType":"a/b","annotations":{"k":"v\"\u000a","l":"ä"}})");
  }
  EXPECT_TRUE(document->referrers(other).empty());
  EXPECT_EQ(document->referrers(sha256("elsewhere")).size(), 1u);
}

TEST(RepositoryDocument, TagsStandInTheOrderOfTheirBytes) {
  PublishedImages::Repository repository;
  const Sha256 top = sha256("top");
  repository.manifests = {{top, manifest()}};
  const std::vector<std::string> ordered = {"1.0", "1.0-rc", "10",           "2", "A", "Ab", "Z", "_x", "a",
                                            "aB",  "b",      "sha256-0.sig", "z"};
  for (const std::string& tag : ordered) repository.tags[tag] = top;
  const auto document = parse(repository);
  ASSERT_TRUE(document) << document.error().message;
  std::vector<std::string> found;
  for (const PublishedTag& tag : document->tags()) found.push_back(tag.name);
  EXPECT_EQ(found, ordered);
  for (const std::string& tag : ordered) EXPECT_NE(document->find_tag(tag), nullptr) << tag;
}

TEST(RepositoryDocument, WhatContradictsItselfIsRefused) {
  const Sha256 top = sha256("top");
  PublishedImages::Repository good;
  good.manifests = {{top, manifest()}};
  good.tags = {{"1.0", top}};
  ASSERT_TRUE(parse(good));
  const auto refused = [&](const char* why, auto change, const std::string& called = name) {
    PublishedImages::Repository changed = good;
    change(changed);
    const auto document = parse(changed, called);
    ASSERT_FALSE(document) << why;
    EXPECT_EQ(document.error().code, ErrorCode::corrupt) << why;
  };
  refused(
      "another name", [](auto&) {}, "server");
  refused(
      "a name beyond grammar", [](auto&) {}, "core/2025/../plus");
  refused("tag without manifest", [](auto& r) { r.tags["2.0"] = sha256("missing"); });
  refused("no tag", [&](auto& r) { r.tags["-x"] = top; });
  refused("empty tag", [&](auto& r) { r.tags[""] = top; });
  refused("long tag", [&](auto& r) { r.tags[std::string(129, 'a')] = top; });
  for (const std::string& type :
       {std::string(), std::string("x"), std::string("a/"), std::string("/b"), std::string("a/b; charset=utf-8"),
        std::string("a/b\r\nX: y"), std::string("a/b/c"), "a/" + std::string(300, 'b')})
    refused("media type", [&](auto& r) { r.manifests[top].media_type = type; });
  refused("annotations of a manifest without subject", [&](auto& r) { r.manifests[top].annotations = {{"k", "v"}}; });
  refused("long artifact type", [&](auto& r) { r.manifests[top] = manifest(top, "a/" + std::string(300, 'b')); });

  const std::string json = PublishedImages::json_of(name, good);
  const auto doubled = [&](const std::string& from) {
    std::string text = json;
    const std::size_t begin = text.find(from) + from.size() - 1,
                      end = text.find('}', begin) + (from == "\"manifests\":{" ? 1 : 0);
    text.insert(end, "," + text.substr(begin + 1, end - begin - 1));
    return RepositoryDocument::parse(text);
  };
  EXPECT_NE(doubled("\"tags\":{").error().message.find("a tag is listed twice"), std::string::npos);
  EXPECT_NE(doubled("\"manifests\":{").error().message.find("a manifest is listed twice"), std::string::npos);
  good.blobs = {{top, 1}};
  std::string blobs = PublishedImages::json_of(name, good);
  blobs.insert(blobs.size() - 3, ",\"" + oci_digest_text(top) + "\":1");
  EXPECT_NE(RepositoryDocument::parse(blobs).error().message.find("a blob is listed twice"), std::string::npos);
  good.manifests[top] = manifest(top, "", {{"k", "v"}});
  std::string annotations = PublishedImages::json_of(name, good);
  annotations.insert(annotations.find("\"k\":"), "\"k\":\"w\",");
  EXPECT_NE(RepositoryDocument::parse(annotations).error().message.find("an annotation twice"), std::string::npos);
}

TEST(RepositoryDocument, TagGrammar) {
  for (const char* tag : {"1", "_", "a.b-c_D", "latest", "sha256-0.sig"}) EXPECT_TRUE(is_image_tag(tag)) << tag;
  for (const char* tag : {"", ".a", "-a", "a+b", "a b", "ä", "a/b", "a:b"}) EXPECT_FALSE(is_image_tag(tag)) << tag;
}

}  // namespace
}  // namespace packyard
