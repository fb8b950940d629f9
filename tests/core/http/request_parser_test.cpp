#include "core/http/request_parser.h"

#include <gtest/gtest.h>

namespace packyard::http {
namespace {

const std::string post =
    "POST /a HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: x\r\n\r\n";

void expect_post(const RequestParser& parser, std::string_view bytes) {
  Request request;
  parser.fill(bytes, request);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/a");
  EXPECT_EQ(request.body, "hi");
  ASSERT_EQ(request.headers.size(), 4U) << "the trailer is no header";
  EXPECT_EQ(request.headers[2].value, "2");
  EXPECT_EQ(parser.request_bytes(), post.size());
}

TEST(RequestParser, ReadsTheSameHoweverTheBytesAreCut) {
  RequestParser parser({});
  for (std::size_t cut = 1; cut < post.size(); ++cut) {
    parser.reset();
    const std::string first = post.substr(0, cut);  // elsewhere in memory than what follows
    ASSERT_EQ(parser.feed(first), ParseStatus::need_more) << cut;
    const std::string all = post + "GET /next";
    ASSERT_EQ(parser.feed(all), ParseStatus::complete) << cut;
    expect_post(parser, all);
  }
}

TEST(RequestParser, ReadsByteByByte) {
  RequestParser parser({});
  for (std::size_t length = 1; length < post.size(); ++length) {
    const std::string so_far = post.substr(0, length);
    ASSERT_EQ(parser.feed(so_far), ParseStatus::need_more) << length;
  }
  ASSERT_EQ(parser.feed(post), ParseStatus::complete);
  expect_post(parser, post);
}

TEST(RequestParser, AHeaderSentInDropsHasALimitToo) {
  ListenerLimits limits;
  limits.header_bytes_max = 1000;
  RequestParser parser(limits);
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  ParseStatus status = ParseStatus::need_more;
  while (status == ParseStatus::need_more && bytes.size() < 5000) {
    bytes += "X: y\r\n";
    status = parser.feed(bytes);
  }
  EXPECT_EQ(status, ParseStatus::failed);
  EXPECT_EQ(parser.error_status(), 431U);
  EXPECT_LE(bytes.size(), 1010U);
}

TEST(RequestParser, ManySmallChunksHaveALimitToo) {
  ListenerLimits limits;
  limits.header_bytes_max = limits.body_bytes_max = 1000;
  RequestParser parser(limits);
  std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  ParseStatus status = parser.feed(bytes);
  while (status == ParseStatus::need_more && bytes.size() < 100'000) {
    bytes += "1;" + std::string(50, 'x') + "\r\na\r\n";
    status = parser.feed(bytes);
  }
  EXPECT_EQ(status, ParseStatus::failed);
  EXPECT_EQ(parser.error_status(), 413U);
}

TEST(RequestParser, TellsWhetherTheConnectionStays) {
  RequestParser parser({});
  const auto keeps = [&](const std::string& bytes) {
    parser.reset();
    EXPECT_EQ(parser.feed(bytes), ParseStatus::complete) << bytes;
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

}  // namespace
}  // namespace packyard::http
