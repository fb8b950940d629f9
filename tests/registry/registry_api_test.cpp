// The demands of the OCI distribution conformance suite's pull, tags and referrers parts, as far as clients depend on them, asked
// over a real socket: exact headers, HEAD with GET's headers on a connection that goes on, pages, filters.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/http/beast_listener.h"
#include "registry/oci_digest.h"
#include "registry/registry_handler.h"
#include "tests/registry/published_images.h"
#include "tests/support/raw_client.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

using Json = nlohmann::json;
const std::string image = "core/2025/server";

class RegistryApiTest : public testing::Test {
 protected:
  void SetUp() override {
    const Sha256 amd64 = images_.add_manifest(image, "amd64"), arm64 = images_.add_manifest(image, "arm64");
    top_ = images_.add_manifest(image, "index of " + amd64.hex() + arm64.hex(), image_index_type);
    bundle_ = images_.add_referrer(image, "bundle", top_, "application/vnd.dev.sigstore.bundle.v0.3+json",
                                   {{"dev.sigstore.bundle.content", "dsse-envelope"}});
    sbom_ = images_.add_referrer(image, "sbom", top_, "application/spdx+json");
    auto& tags = images_.repository(image).tags;
    for (const char* tag : {"1.0", "1.1", "Beta", "alpha", "latest"}) tags[tag] = top_;
    tags["sha256-" + amd64.hex() + ".sig"] = images_.add_manifest(image, "signature");
    images_.publish();
    ASSERT_TRUE(listener_->start());
    client_.emplace(listener_->port());
  }

  RawAnswer ask(const std::string& target, const std::string& method = "GET") {
    EXPECT_TRUE(client_->send(method + " " + target + " HTTP/1.1\r\nHost: registry\r\nAccept: */*\r\n\r\n"));
    auto answer = client_->read_answer(method == "HEAD" ? AnswerBody::absent : AnswerBody::present);
    EXPECT_TRUE(answer) << method << " " << target;
    return answer.value_or(RawAnswer{});
  }
  std::vector<std::string> tags_of(const RawAnswer& answer) {
    EXPECT_EQ(answer.status, 200);
    const Json json = Json::parse(answer.body);
    EXPECT_EQ(json.at("name"), image);
    return json.at("tags");
  }

  TemporaryFolder folder_;
  PublishedImages images_{folder_ / "public"};
  RegistryMetrics metrics_;
  Log log_{LogLevel::error};
  RegistryHandler handler_{(folder_ / "public").string(), metrics_, log_};
  std::unique_ptr<http::HttpListener> listener_ =
      http::make_beast_listener({"127.0.0.1", 0}, [this](const http::Request& request) { return handler_.handle(request); });
  std::optional<RawClient> client_;
  Sha256 top_, bundle_, sbom_;
  const std::string base_ = "/v2/" + image;
};

// All on one connection: a body sent to HEAD would be read as the next answer.
TEST_F(RegistryApiTest, HeadHasGetsHeadersAndNoBody) {
  const std::string digest = oci_digest_text(top_), none = "sha256:" + std::string(64, '0');
  for (const std::string& target :
       {std::string("/v2/"), base_ + "/manifests/1.0", base_ + "/manifests/" + digest, base_ + "/manifests/none",
        base_ + "/manifests/" + none, base_ + "/manifests/sha256:wrong", base_ + "/blobs/" + none, base_ + "/tags/list?n=2",
        base_ + "/referrers/" + digest, base_ + "/referrers/" + digest + "?artifactType=a/b",
        std::string("/v2/core/2025/x/tags/list")}) {
    for (int again = 0; again < 2; ++again) {
      RawAnswer head = ask(target, "HEAD"), get = ask(target);
      std::erase_if(head.headers, [](const auto& header) { return header.first == "Date"; });
      std::erase_if(get.headers, [](const auto& header) { return header.first == "Date"; });
      EXPECT_EQ(head.status, get.status) << target;
      EXPECT_EQ(head.headers, get.headers) << target;
      EXPECT_EQ(head.header("Content-Length"), std::to_string(get.body.size())) << target;
      EXPECT_FALSE(get.body.empty());
    }
  }
}

TEST_F(RegistryApiTest, TypesAreExact) {
  EXPECT_EQ(ask(base_ + "/manifests/1.0").header("content-type"), std::string(image_index_type));
  const RawAnswer manifest = ask(base_ + "/manifests/" + oci_digest_text(bundle_));
  EXPECT_EQ(manifest.header("content-type"), std::string(image_manifest_type));
  EXPECT_EQ(manifest.header("docker-content-digest"), oci_digest_text(sha256(manifest.body)));
  EXPECT_EQ(ask(base_ + "/referrers/" + oci_digest_text(top_)).header("content-type"), std::string(image_index_type));
  EXPECT_EQ(ask(base_ + "/tags/list").header("content-type"), "application/json");
  EXPECT_EQ(ask(base_ + "/manifests/none").header("content-type"), "application/json");
}

TEST_F(RegistryApiTest, TagsComeInPages) {
  const std::vector<std::string> all = tags_of(ask(base_ + "/tags/list"));
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(std::vector(all.begin(), all.begin() + 5), (std::vector<std::string>{"1.0", "1.1", "Beta", "alpha", "latest"}));
  EXPECT_TRUE(all[5].ends_with(".sig")) << "signatures are listed: mirrors go by the list";
  EXPECT_FALSE(ask(base_ + "/tags/list").header("Link"));
  EXPECT_FALSE(ask(base_ + "/tags/list?n=6").header("Link"));
  EXPECT_EQ(tags_of(ask(base_ + "/tags/list?n=100")), all);
  EXPECT_TRUE(tags_of(ask(base_ + "/tags/list?n=0")).empty());
  EXPECT_FALSE(ask(base_ + "/tags/list?n=0").header("Link"));
  std::vector<std::string> collected;
  std::string next = base_ + "/tags/list?n=2";
  while (!next.empty()) {
    const RawAnswer page = ask(next);
    const auto tags = tags_of(page);
    EXPECT_LE(tags.size(), 2u);
    collected.insert(collected.end(), tags.begin(), tags.end());
    const std::string link = page.header("Link").value_or("");
    next = link.substr(link.empty() ? 0 : 1, link.find('>') == std::string::npos ? 0 : link.find('>') - 1);
    EXPECT_TRUE(link.empty() || link == "<" + base_ + "/tags/list?n=2&last=" + collected.back() + ">; rel=\"next\"") << link;
  }
  EXPECT_EQ(collected, all);
}

TEST_F(RegistryApiTest, LastIsExclusiveAndNeedNotExist) {
  const std::vector<std::string> all = tags_of(ask(base_ + "/tags/list"));
  EXPECT_EQ(tags_of(ask(base_ + "/tags/list?last=1.1")), std::vector(all.begin() + 2, all.end()));
  EXPECT_EQ(tags_of(ask(base_ + "/tags/list?last=1.1&n=1")), std::vector<std::string>{"Beta"});
  EXPECT_EQ(tags_of(ask(base_ + "/tags/list?last=1.05&n=1")), std::vector<std::string>{"1.1"});
  EXPECT_TRUE(tags_of(ask(base_ + "/tags/list?last=zzz")).empty());
  EXPECT_TRUE(tags_of(ask(base_ + "/tags/list?last=" + all.back())).empty());
}

TEST_F(RegistryApiTest, ReferrersAreAnIndexAlwaysThere) {
  const Json json = Json::parse(ask(base_ + "/referrers/" + oci_digest_text(top_)).body);
  EXPECT_EQ(json.at("schemaVersion"), 2);
  EXPECT_EQ(json.at("mediaType"), image_index_type);
  ASSERT_EQ(json.at("manifests").size(), 2u);
  for (const Json& descriptor : json.at("manifests")) {
    EXPECT_EQ(descriptor.at("mediaType"), image_manifest_type);
    const RawAnswer manifest = ask(base_ + "/manifests/" + descriptor.at("digest").get<std::string>());
    EXPECT_EQ(manifest.body.size(), descriptor.at("size").get<std::size_t>());
    EXPECT_EQ(descriptor.contains("annotations"), descriptor.at("digest") == oci_digest_text(bundle_));
  }
  for (const std::string& subject :
       {oci_digest_text(bundle_), "sha256:" + std::string(64, '0'), "sha512:" + std::string(128, '0')}) {
    const RawAnswer none = ask(base_ + "/referrers/" + subject);
    EXPECT_EQ(none.status, 200);
    EXPECT_TRUE(Json::parse(none.body).at("manifests").empty());
    EXPECT_FALSE(none.header("OCI-Filters-Applied"));
  }
}

TEST_F(RegistryApiTest, ReferrersAreFilteredByType) {
  for (const char* type : {"application/spdx%2Bjson", "application%2fspdx+json"}) {
    const RawAnswer answer = ask(base_ + "/referrers/" + oci_digest_text(top_) + "?artifactType=" + type);
    EXPECT_EQ(answer.header("OCI-Filters-Applied"), "artifactType");
    const Json manifests = Json::parse(answer.body).at("manifests");
    ASSERT_EQ(manifests.size(), 1u);
    EXPECT_EQ(manifests[0].at("digest"), oci_digest_text(sbom_));
    EXPECT_EQ(manifests[0].at("artifactType"), "application/spdx+json");
  }
  const RawAnswer none = ask(base_ + "/referrers/" + oci_digest_text(top_) + "?artifactType=x/y");
  EXPECT_EQ(none.header("OCI-Filters-Applied"), "artifactType");
  EXPECT_TRUE(Json::parse(none.body).at("manifests").empty());
}

TEST_F(RegistryApiTest, ARequestWithABodyAndAPushKeepTheConnectionInOrder) {
  EXPECT_TRUE(client_->send("GET " + base_ + "/manifests/sha256:wrong HTTP/1.1\r\nHost: r\r\nContent-Length: 5\r\n\r\nhello"));
  EXPECT_EQ(client_->read_answer()->status, 400);
  EXPECT_TRUE(client_->send("PUT " + base_ + "/manifests/1.0 HTTP/1.1\r\nHost: r\r\nContent-Length: 2\r\n\r\n{}"));
  const auto refused = client_->read_answer();
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->header("Allow"), "GET, HEAD");
  EXPECT_EQ(ask(base_ + "/manifests/1.0").status, 200);
}

}  // namespace
}  // namespace packyard
