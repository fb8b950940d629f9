#include "registry/registry_handler.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "registry/oci_digest.h"
#include "tests/registry/published_images.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

const std::string core = "core/2025/server";
const std::string plus = "plus/2025/server";

class RegistryHandlerTest : public testing::Test {
 protected:
  http::Response ask(const std::string& target, std::string_view method = "GET", std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return handler_.handle(request);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    std::string found;
    for (const http::ResponseHeader& entry : response.headers)
      if (http::same_header_name(entry.name, name)) found += (found.empty() ? "" : ", ") + entry.value;
    return found;
  }
  void expect_error(const std::string& target, unsigned status, const std::string& code) {
    const http::Response response = ask(target);
    EXPECT_EQ(response.status, status) << target << response.body;
    EXPECT_TRUE(response.body.starts_with("{\"errors\":[{\"code\":\"" + code + "\",")) << target << response.body;
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(header(response, "Docker-Content-Digest"), "");
  }

  TemporaryFolder folder_;
  PublishedImages images_{folder_ / "public"};
  RegistryMetrics metrics_;
  Log log_{LogLevel::error};
  RegistryHandler handler_{(folder_ / "public").string(), metrics_, log_};
};

TEST_F(RegistryHandlerTest, PingAnswersWithOrWithoutTheSlash) {
  for (const char* target : {"/v2/", "/v2"}) {
    const http::Response response = ask(target);
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, "{}");
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    EXPECT_EQ(header(response, "Docker-Distribution-Api-Version"), "registry/2.0");
  }
}

TEST_F(RegistryHandlerTest, ManifestsByTagAndDigest) {
  const std::string bytes = "{\"schemaVersion\":2}";
  const Sha256 digest = images_.add_manifest(core, bytes, image_index_type);
  images_.repository(core).tags["1.0"] = digest;
  images_.publish();
  const std::string text = oci_digest_text(digest);
  for (const std::string& reference : {std::string("1.0"), text}) {
    const http::Response response = ask("/v2/" + core + "/manifests/" + reference);
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, bytes);
    EXPECT_EQ(header(response, "Content-Type"), image_index_type);
    EXPECT_EQ(header(response, "Docker-Content-Digest"), text);
    EXPECT_EQ(header(response, "ETag"), "\"" + text + "\"");
    EXPECT_EQ(header(response, "Cache-Control"),
              reference == text ? "private, max-age=31536000, immutable" : "private, no-cache");
    EXPECT_EQ(ask("/v2/" + core + "/manifests/" + reference, "HEAD").headers.size(), response.headers.size());
  }
  EXPECT_EQ(ask("/v2/" + core + "/manifests/1.0", "GET", {{"If-None-Match", "\"x\", \"" + text + "\""}}).status, 304u);
  EXPECT_EQ(ask("/v2/" + core + "/manifests/1.0", "GET", {{"if-none-match", "*"}}).status, 304u);
  EXPECT_EQ(ask("/v2/" + core + "/manifests/1.0", "GET", {{"If-None-Match", text}}).status, 200u);
}

TEST_F(RegistryHandlerTest, WhatIsNotThere) {
  images_.repository(core).tags["1.0"] = images_.add_manifest(core, "m");
  const Sha256 blob = images_.add_blob(core, "b");
  images_.publish();
  const std::string base = "/v2/" + core, none = "sha256:" + std::string(64, '0');
  expect_error(base + "/manifests/2.0", 404, "MANIFEST_UNKNOWN");
  expect_error(base + "/manifests/.INVALID_MANIFEST_NAME", 404, "MANIFEST_UNKNOWN");
  expect_error(base + "/manifests/" + none, 404, "MANIFEST_UNKNOWN");
  expect_error(base + "/manifests/sha512:" + std::string(128, '0'), 404, "MANIFEST_UNKNOWN");
  expect_error(base + "/manifests/" + oci_digest_text(blob), 404, "MANIFEST_UNKNOWN");
  expect_error(base + "/manifests/sha256:totallywrong", 400, "DIGEST_INVALID");
  expect_error(base + "/blobs/" + none, 404, "BLOB_UNKNOWN");
  expect_error(base + "/blobs/sha512:" + std::string(128, '0'), 404, "BLOB_UNKNOWN");
  expect_error(base + "/blobs/x", 400, "DIGEST_INVALID");
  expect_error(base + "/blobs/uploads/1", 404, "BLOB_UPLOAD_UNKNOWN");
  expect_error(base + "/referrers/x", 400, "DIGEST_INVALID");
  expect_error(base + "/tags/list?n=x", 400, "PAGINATION_NUMBER_INVALID");
  expect_error(base + "/tags/list?last=%zz", 400, "UNSUPPORTED");
  expect_error("/v2/core/2025/none/tags/list", 404, "NAME_UNKNOWN");
  expect_error("/v2/core/2025/none/manifests/1", 404, "NAME_UNKNOWN");
  expect_error("/v2/core/2025/none/referrers/" + none, 404, "NAME_UNKNOWN");
  expect_error("/v2/_catalog", 404, "NAME_UNKNOWN");
  expect_error("/rpm/core/2025/el9-x86_64/x", 404, "NAME_UNKNOWN");
}

TEST_F(RegistryHandlerTest, BlobBytesNeverComeFromHere) {
  const Sha256 blob = images_.add_blob(core, "bytes of a layer");
  images_.publish();
  for (const char* method : {"GET", "HEAD"}) {
    const http::Response response = ask("/v2/" + core + "/blobs/" + oci_digest_text(blob), method);
    EXPECT_EQ(response.status, 501u);
    EXPECT_EQ(response.body.find("layer"), std::string::npos);
  }
}

TEST_F(RegistryHandlerTest, NothingOfAnotherRepository) {
  const Sha256 secret = images_.add_manifest(plus, "of plus");
  const Sha256 blob = images_.add_blob(plus, "blob of plus");
  const Sha256 referrer = images_.add_referrer(plus, "referrer of plus", secret, "a/b");
  images_.repository(core).tags["1.0"] = images_.add_manifest(core, "of core");
  images_.publish();
  EXPECT_EQ(ask("/v2/" + plus + "/manifests/" + oci_digest_text(secret)).body, "of plus");
  for (const Sha256& digest : {secret, referrer})
    expect_error("/v2/" + core + "/manifests/" + oci_digest_text(digest), 404, "MANIFEST_UNKNOWN");
  expect_error("/v2/" + core + "/blobs/" + oci_digest_text(blob), 404, "BLOB_UNKNOWN");
  const http::Response referrers = ask("/v2/" + core + "/referrers/" + oci_digest_text(secret));
  EXPECT_EQ(referrers.status, 200u);
  EXPECT_TRUE(referrers.body.ends_with("\"manifests\":[]}")) << referrers.body;
}

TEST_F(RegistryHandlerTest, OnlyReading) {
  images_.repository(core).tags["1.0"] = images_.add_manifest(core, "m");
  images_.publish();
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE"})
    for (const std::string& target :
         {std::string("/v2/"), "/v2/" + core + "/manifests/1.0", "/v2/" + core + "/blobs/uploads/", std::string("/elsewhere")}) {
      const http::Response response = ask(target, method);
      EXPECT_EQ(response.status, 405u) << method << target;
      EXPECT_EQ(header(response, "Allow"), "GET, HEAD");
      EXPECT_NE(response.body.find("\"code\":\"UNSUPPORTED\""), std::string::npos);
    }
}

TEST_F(RegistryHandlerTest, DamageIsAnErrorOfOursNeverOtherBytes) {
  const Sha256 digest = images_.add_manifest(core, "right");
  images_.repository(core).tags["1.0"] = digest;
  images_.publish();
  std::filesystem::remove(images_.manifest_file(core, digest));
  expect_error("/v2/" + core + "/manifests/1.0", 500, "UNKNOWN");
  ASSERT_TRUE(write_new_file(images_.manifest_file(core, digest), "wrong", FileMode::world_readable));
  expect_error("/v2/" + core + "/manifests/1.0", 500, "UNKNOWN");
  std::filesystem::remove_all(images_.folder() / "generations");
  RegistryHandler fresh((folder_ / "public").string(), metrics_, log_);
  http::Request request;
  request.method = "GET";
  const std::string target = "/v2/" + core + "/tags/list";
  request.target = target;
  EXPECT_EQ(fresh.handle(request).status, 500u);
}

TEST_F(RegistryHandlerTest, PurgedAndUnlistedManifestsAreGoneAtOnce) {
  const Sha256 digest = images_.add_manifest(core, "one");
  images_.repository(core).tags = {{"1.0", digest}, {"2.0", images_.add_manifest(core, "two")}};
  images_.publish();
  EXPECT_EQ(ask("/v2/" + core + "/manifests/1.0").status, 200u);
  images_.repository(core).tags.erase("1.0");
  images_.publish();
  expect_error("/v2/" + core + "/manifests/1.0", 404, "MANIFEST_UNKNOWN");
  EXPECT_EQ(ask("/v2/" + core + "/manifests/" + oci_digest_text(digest)).body, "one") << "a digest stays readable while held";
  images_.repository(core).manifests.erase(digest);
  images_.publish();
  expect_error("/v2/" + core + "/manifests/" + oci_digest_text(digest), 404, "MANIFEST_UNKNOWN");
}

TEST_F(RegistryHandlerTest, CountsWhatItAnswers) {
  ask("/v2/");
  ask("/v2/", "POST");
  ask("/v2/" + core + "/manifests/1.0");
  ask("/elsewhere");
  const std::string page = metrics_.exposition();
  for (const char* line : {"resource=\"ping\",outcome=\"ok\"} 1\n", "resource=\"ping\",outcome=\"refused\"} 1\n",
                           "resource=\"manifest\",outcome=\"not_found\"} 1\n", "resource=\"other\",outcome=\"not_found\"} 1\n"})
    EXPECT_NE(page.find(line), std::string::npos) << line << page;
}

}  // namespace
}  // namespace packyard
