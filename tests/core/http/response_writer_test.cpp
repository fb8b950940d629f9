#include "core/http/response_writer.h"

#include <gtest/gtest.h>

namespace packyard::http {
namespace {

std::string written(const Response& response, ResponseFrame frame) {
  frame.date = "D";
  std::string buffer;
  append_response(buffer, response, frame);
  return buffer;
}

TEST(ResponseWriter, WritesStatusLengthAndHeaders) {
  Response response;
  response.status = 401;
  response.headers = {{"A", "b"}};
  response.body = "no\n";
  EXPECT_EQ(written(response, {}), "HTTP/1.1 401 Unauthorized\r\nDate: D\r\nContent-Length: 3\r\nA: b\r\n\r\nno\n");
}

TEST(ResponseWriter, AnEmptyAnswerHasLengthZero) {
  EXPECT_EQ(written({}, {}), "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseWriter, HeadGetsTheLengthWithoutTheBody) {
  Response response;
  response.body = "abc";
  EXPECT_EQ(written(response, {.body = BodyUse::leave_out}), "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\n");
}

TEST(ResponseWriter, NoContentHasNeitherLengthNorBody) {
  Response response;
  response.status = 204;
  response.body = "abc";
  EXPECT_EQ(written(response, {}), "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
}

TEST(ResponseWriter, SaysWhatBecomesOfTheConnection) {
  EXPECT_NE(written({}, {.connection = ConnectionUse::close}).find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_NE(written({}, {.version = Version::http_1_0}).find("\r\nConnection: keep-alive\r\n"), std::string::npos);
  EXPECT_EQ(written({}, {}).find("Connection"), std::string::npos);
}

TEST(ResponseWriter, TheDateHasTheFormOfHttp) {
  DateText date;
  const std::string text(date.now());
  EXPECT_EQ(text.size(), 29U) << text;
  EXPECT_EQ(text.substr(3, 2), ", ");
  EXPECT_TRUE(text.ends_with(" GMT"));
}

}  // namespace
}  // namespace packyard::http
