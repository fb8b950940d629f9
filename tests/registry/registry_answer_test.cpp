#include "registry/registry_answer.h"

#include <gtest/gtest.h>

#include <map>

namespace packyard {
namespace {

std::map<std::string, std::string> headers_of(const http::Response& response) {
  std::map<std::string, std::string> headers;
  for (const http::ResponseHeader& header : response.headers)
    EXPECT_TRUE(headers.emplace(header.name, header.value).second) << header.name;
  return headers;
}

TEST(RegistryAnswer, ErrorsAreTheSpecificationsJson) {
  const http::Response response = registry_error(RegistryError::manifest_unknown, "no \"x\"");
  EXPECT_EQ(response.status, 404u);
  EXPECT_EQ(response.body, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no \\\"x\\\"\"}]}\n");
  const auto headers = headers_of(response);
  EXPECT_EQ(headers.at("Content-Type"), "application/json");
  EXPECT_EQ(headers.at("Cache-Control"), "no-store");
  EXPECT_FALSE(headers.contains("Allow"));
}

TEST(RegistryAnswer, EveryErrorHasItsStatus) {
  const std::map<RegistryError, std::pair<unsigned, std::string>> wanted = {
      {RegistryError::blob_unknown, {404, "BLOB_UNKNOWN"}},
      {RegistryError::blob_upload_unknown, {404, "BLOB_UPLOAD_UNKNOWN"}},
      {RegistryError::digest_invalid, {400, "DIGEST_INVALID"}},
      {RegistryError::manifest_unknown, {404, "MANIFEST_UNKNOWN"}},
      {RegistryError::name_unknown, {404, "NAME_UNKNOWN"}},
      {RegistryError::pagination_number_invalid, {400, "PAGINATION_NUMBER_INVALID"}},
      {RegistryError::unsupported, {405, "UNSUPPORTED"}},
      {RegistryError::misrouted, {501, "UNSUPPORTED"}},
      {RegistryError::bad_request, {400, "UNSUPPORTED"}},
      {RegistryError::unavailable, {503, "UNAVAILABLE"}},
      {RegistryError::damaged, {500, "UNKNOWN"}},
  };
  for (const auto& [error, answer] : wanted) {
    const http::Response response = registry_error(error, "m");
    EXPECT_EQ(response.status, answer.first) << answer.second;
    EXPECT_NE(response.body.find("\"code\":\"" + answer.second + "\""), std::string::npos) << response.body;
  }
  EXPECT_EQ(headers_of(registry_error(RegistryError::unsupported, "")).at("Allow"), "GET, HEAD");
  EXPECT_EQ(headers_of(registry_error(RegistryError::unavailable, "")).at("Retry-After"), "2");
}

TEST(RegistryAnswer, BodiesHaveTheirTypeAndNothingMore) {
  const http::Response response = registry_answer("a/b", "bytes", Caching::forever);
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "bytes");
  EXPECT_EQ(headers_of(response).at("Content-Type"), "a/b");
  EXPECT_EQ(headers_of(response).at("Cache-Control"), "private, max-age=31536000, immutable");
  EXPECT_EQ(headers_of(registry_answer("a/b", "", Caching::again)).at("Cache-Control"), "private, no-cache");
}

}  // namespace
}  // namespace packyard
