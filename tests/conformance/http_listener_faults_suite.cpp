// The part of the suite where something is wrong: with the bytes, the client, the handler or the machine.
#include <sys/resource.h>

#include "tests/conformance/http_listener_suite.h"
#include "tests/support/child_process.h"
#include "tests/support/raw_client.h"

namespace packyard::http {
namespace {

// What matters most: whatever was wrong, there is one answer at most, and what follows on that connection is never answered.
void expect_one_error_then_end(std::uint16_t port, const std::string& bytes, int status) {
  RawClient client(port);
  client.send(bytes);
  client.send(get("/smuggled"));
  client.send(get("/smuggled"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer) << "no answer to: " << bytes.substr(0, 200);
  EXPECT_EQ(answer->status, status) << bytes.substr(0, 200);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.has_ended()) << "bytes after the error answer: " << bytes.substr(0, 200);
}

TEST_P(HttpListenerSuite, AParseErrorEndsTheConnection) {
  start();
  const std::string host = "Host: a\r\n";
  for (const std::string& request :
       {std::string("GET / HTTP/1.1 x\r\nHost: a\r\n\r\n"),
        std::string("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET / HTTP/3.1\r\nHost: a\r\n\r\n"),
        std::string("G ET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost : a\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        std::string("\r\n\r\n"),
        std::string("\x16\x03\x01\x02 not http\r\n\r\n"),
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 5, 6\r\n\r\nhello",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")})
    expect_one_error_then_end(port(), request, 400);
  for (const char* encoding : {"gzip", "identity", "gzip, chunked", "chunked, gzip", "xchunked"})
    expect_one_error_then_end(
        port(), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(encoding) + "\r\n\r\n0\r\n\r\n", 501);
}

TEST_P(HttpListenerSuite, GoodAnswersBeforeAnErrorAreStillSent) {
  start();
  RawClient client(port());
  client.send(get("/1") + get("/2") + "BROKEN\r\n\r\n" + get("/smuggled"));
  EXPECT_TRUE(client.read_answer()->body.starts_with("GET /1 "));
  EXPECT_TRUE(client.read_answer()->body.starts_with("GET /2 "));
  EXPECT_EQ(client.read_answer()->status, 400);
  EXPECT_TRUE(client.has_ended());
}

TEST_P(HttpListenerSuite, RefusesHeadersBeyondTheLimit) {
  start();
  expect_one_error_then_end(port(), get("/", "X: " + std::string(100 * 1024, 'x') + "\r\n"), 431);
  expect_one_error_then_end(port(), get("/" + std::string(100 * 1024, 'x')), 431);
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "X-" + std::to_string(i) + ": 0123456789\r\n";
  expect_one_error_then_end(port(), get("/", many), 431);
  RawClient client(port());
  client.send(get("/", "X: " + std::string(60 * 1024, 'x') + "\r\n"));
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_P(HttpListenerSuite, RefusesBodiesBeyondTheLimit) {
  ListenerLimits limits;
  limits.body_bytes_max = 1000;
  start(limits);
  expect_one_error_then_end(port(), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'), 413);
  expect_one_error_then_end(
      port(),
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n", 413);
  RawClient client(port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_P(HttpListenerSuite, ARequestThatTakesTooLongEnds) {
  ListenerLimits limits;
  limits.read_timeout_ms = 100;
  start(limits);
  RawClient client(port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.has_ended());
}

TEST_P(HttpListenerSuite, AnIdleConnectionEndsWithoutAWord) {
  ListenerLimits limits;
  limits.idle_timeout_ms = 100;
  start(limits);
  RawClient silent(port());
  EXPECT_TRUE(silent.has_ended()) << "an unused connection must not get an answer to a question nobody asked";
  RawClient served(port());
  served.send(get("/"));
  EXPECT_TRUE(served.read_answer());
  EXPECT_TRUE(served.has_ended());
}

TEST_P(HttpListenerSuite, TheIdleTimeoutExceedsThatOfProxies) { EXPECT_GT(ListenerLimits{}.idle_timeout_ms, 90'000U); }

TEST_P(HttpListenerSuite, AHandlerThatThrowsHarmsNobodyElse) {
  start_with([](const Request& request) -> Response {
    if (request.target == "/throw") throw 42;
    return echo(request);
  });
  RawClient other(port());
  RawClient client(port());
  client.send(get("/throw") + get("/smuggled"));
  EXPECT_EQ(client.read_answer()->status, 500);
  EXPECT_TRUE(client.has_ended());
  other.send(get("/"));
  EXPECT_EQ(other.read_answer()->status, 200);
}

TEST_P(HttpListenerSuite, NoControlByteOfAHandlerBecomesAHeader) {
  start_with([](const Request&) {
    Response response;
    response.headers.push_back({"X-Text", "a\r\nX-Evil: b"});
    return response;
  });
  RawClient client(port());
  client.send(get("/"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->header("X-Evil"));
  EXPECT_EQ(answer->header("X-Text"), "a  X-Evil: b");
}

TEST_P(HttpListenerSuite, AcceptsAgainAfterTheDescriptorLimit) {
  // In a child, because the limit is the whole process's. 0 is success.
  const int status = exit_status_of_child([this] {
    auto listener = GetParam().make({"127.0.0.1", 0}, echo, {}, 1);
    if (!listener->start()) return 1;
    std::vector<std::unique_ptr<RawClient>> clients;
    clients.push_back(std::make_unique<RawClient>(listener->port()));
    clients.back()->send(get("/"));
    if (!clients.back()->read_answer()) return 2;
    const rlimit limit{.rlim_cur = 64, .rlim_max = 64};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 3;
    // Each connection takes two descriptors of this process: the client's and the listener's.
    while (clients.size() < 60) {
      clients.push_back(std::make_unique<RawClient>(listener->port()));
      if (!clients.back()->is_connected()) break;
    }
    clients.clear();
    RawClient again(listener->port());
    again.send(get("/again"));
    const auto answer = again.read_answer();
    return answer && answer->status == 200 ? 0 : 4;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace packyard::http
