#include "storage/s3/s3_address.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

S3Settings settings(const char* endpoint, S3Style style) {
  return {HttpOrigin::parse(endpoint).value(), "us-east-1", "staging", "in", style};
}

TEST(S3Address, NamesTheBucketByPath) {
  const S3Address address(settings("http://127.0.0.1:9000", S3Style::path));
  EXPECT_EQ(address.host(), "127.0.0.1:9000");
  EXPECT_EQ(address.path(""), "/staging");
  EXPECT_EQ(address.url("in/a+b", {{"uploads", ""}}), "http://127.0.0.1:9000/staging/in/a%2Bb?uploads=");
  EXPECT_EQ(address.url("", {}), "http://127.0.0.1:9000/staging");
  EXPECT_EQ(address.description(), "S3 bucket staging/in at http://127.0.0.1:9000");
}

TEST(S3Address, NamesTheBucketByHost) {
  const S3Address address(settings("https://s3.example.org", S3Style::virtual_host));
  EXPECT_EQ(address.host(), "staging.s3.example.org");
  EXPECT_EQ(address.url("", {}), "https://staging.s3.example.org/");
  EXPECT_EQ(address.url("in/a", {}), "https://staging.s3.example.org/in/a");
  EXPECT_EQ(address.copy_source("in/a b"), "/staging/in/a%20b");
}

}  // namespace
}  // namespace packyard
