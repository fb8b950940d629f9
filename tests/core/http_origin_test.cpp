#include "core/http_origin.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(HttpOrigin, ReadsSchemeHostAndPort) {
  EXPECT_EQ(HttpOrigin::parse("https://S3.example.org/").value(), (HttpOrigin{true, "s3.example.org", 443}));
  EXPECT_EQ(HttpOrigin::parse("http://127.0.0.1:9000").value(), (HttpOrigin{false, "127.0.0.1", 9000}));
  EXPECT_EQ(HttpOrigin::parse("http://[::1]:9000//").value(), (HttpOrigin{false, "[::1]", 9000}));
}

TEST(HttpOrigin, LeavesOutTheSchemesOwnPort) {
  EXPECT_EQ(HttpOrigin::parse("https://a:443").value().url(), "https://a");
  EXPECT_EQ(HttpOrigin::parse("http://a:443").value().url(), "http://a:443");
  EXPECT_EQ(HttpOrigin::parse("http://[::1]:80").value().host_header(), "[::1]");
}

TEST(HttpOrigin, RefusesEverythingElse) {
  for (const char* text : {"",
                           "a",
                           "127.0.0.1:9000",
                           "ftp://a",
                           "http://",
                           "http:///",
                           "http://a/b",
                           "http://a?b",
                           "http://a#b",
                           "http://u@a",
                           "http://u:p@a",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:1x",
                           "http://a b",
                           "http://[::1",
                           "http://[]",
                           "http://[x]",
                           "http://.a",
                           "http://-a",
                           "http://a\r\nb",
                           "http://ö"})
    EXPECT_EQ(HttpOrigin::parse(text).error().code, ErrorCode::invalid) << text;
}

}  // namespace
}  // namespace packyard
