#include "registry/registry_request.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const std::string image = "/v2/core/2025/server/";

TEST(RegistryRequest, EveryResource) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  const std::vector<std::tuple<std::string, RegistryResource, std::string>> cases = {
      {image + "manifests/1.4.2", RegistryResource::manifest, "1.4.2"},
      {image + "manifests/" + digest + "?ns=docker.io", RegistryResource::manifest, digest},
      {image + "manifests/.INVALID", RegistryResource::manifest, ".INVALID"},
      {image + "blobs/" + digest, RegistryResource::blob, digest},
      {image + "blobs/uploads", RegistryResource::upload, "uploads"},
      {image + "blobs/uploads/", RegistryResource::upload, "uploads/"},
      {image + "blobs/uploads/1", RegistryResource::upload, "uploads/1"},
      {image + "tags/list", RegistryResource::tags, "list"},
      {image + "referrers/" + digest, RegistryResource::referrers, digest},
  };
  for (const auto& [target, resource, reference] : cases) {
    const auto request = parse_registry_request(target);
    ASSERT_TRUE(request) << target;
    EXPECT_EQ(request->resource, resource) << target;
    EXPECT_EQ(request->reference, reference) << target;
    EXPECT_EQ(request->repository, "core/2025/server");
  }
  for (const char* target : {"/v2/", "/v2", "/v2/?x"}) {
    const auto request = parse_registry_request(target);
    ASSERT_TRUE(request) << target;
    EXPECT_EQ(request->resource, RegistryResource::ping);
    EXPECT_EQ(request->repository, "");
  }
}

TEST(RegistryRequest, OtherPathsAreNone) {
  for (const char* target : {"", "/", "/healthz", "/gpg/lts.asc", "/rpm/core/2025/el9-x86_64/x", "/v2/core/2025/server",
                             "/v2/_catalog", "/v2/core/2025/server/manifests/a/b", "/v2/core%2f2025/server/manifests/1",
                             "/v2/core/2025/../server/manifests/1", "/v2//core/2025/server/tags/list", "v2/"}) {
    const auto request = parse_registry_request(target);
    ASSERT_FALSE(request) << target;
    EXPECT_EQ(request.error(), RegistryRefusal::no_such_path) << target;
  }
}

TEST(RegistryRequest, QueryOfTags) {
  const auto request = parse_registry_request(image + "tags/list?n=10&last=1%2e0&x=%zz&flag");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->entries_max, 10u);
  EXPECT_EQ(request->last, "1.0");
  EXPECT_FALSE(parse_registry_request(image + "tags/list?")->entries_max);
  EXPECT_EQ(parse_registry_request(image + "tags/list?n=0")->entries_max, 0u);
  EXPECT_EQ(parse_registry_request(image + "tags/list?last=")->last, "");
  for (const char* query :
       {"n=", "n", "n=-1", "n=1&n=2", "n=1x", "n=+1", "n=0x1", "n=4294967296", "n=99999999999999999999", "n=%20", "n=1%"})
    EXPECT_EQ(parse_registry_request(image + "tags/list?" + query).error(), RegistryRefusal::bad_number) << query;
  for (const std::string& query :
       {std::string("last=a&last=b"), std::string("last"), std::string("last=%zz"), std::string("last=%0a"),
        std::string("last=%2"), std::string("last=%ff"), "last=" + std::string(256, 'a')})
    EXPECT_EQ(parse_registry_request(image + "tags/list?" + query).error(), RegistryRefusal::bad_parameter) << query;
}

TEST(RegistryRequest, QueryOfReferrers) {
  const std::string target = image + "referrers/sha256:" + std::string(64, 'a');
  EXPECT_EQ(parse_registry_request(target)->artifact_type, "");
  EXPECT_EQ(parse_registry_request(target + "?artifactType=application%2Fspdx%2Bjson")->artifact_type, "application/spdx+json");
  EXPECT_EQ(parse_registry_request(target + "?n=x&artifactType=application/spdx+json")->artifact_type, "application/spdx+json");
  EXPECT_EQ(parse_registry_request(target + "?artifactType=a&artifactType=a").error(), RegistryRefusal::bad_parameter);
  EXPECT_EQ(parse_registry_request(target + "?artifactType").error(), RegistryRefusal::bad_parameter);
  EXPECT_EQ(parse_registry_request(target + "?artifacttype=a")->artifact_type, "");
}

}  // namespace
}  // namespace packyard
