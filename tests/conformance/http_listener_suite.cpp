#include "tests/conformance/http_listener_suite.h"

#include <atomic>
#include <thread>

#include "tests/support/raw_client.h"

namespace packyard::http {

std::string get(std::string_view target, std::string_view more_headers) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more_headers) + "\r\n";
}

Response echo(const Request& request) {
  Response response;
  response.body = std::string(request.method) + " " + std::string(request.target) + " " +
                  (request.version == Version::http_1_1 ? "1.1" : "1.0") + "\n";
  for (const Header& header : request.headers) response.body += std::string(header.name) + "=" + std::string(header.value) + "\n";
  response.body += "body=" + std::string(request.body) + "\npeer=" + std::string(request.peer_address) + "\n";
  response.headers.push_back({"X-Answer", "yes"});
  return response;
}

void HttpListenerSuite::start(ListenerLimits limits, std::uint32_t threads) { start_with(echo, limits, threads); }

void HttpListenerSuite::start_with(Handler handler, ListenerLimits limits, std::uint32_t threads) {
  listener_ = GetParam().make({"127.0.0.1", 0}, std::move(handler), limits, threads);
  const auto started = listener_->start();
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_NE(listener_->port(), 0);
}

namespace {

TEST_P(HttpListenerSuite, AnswersWithWhatWasAsked) {
  start();
  RawClient client(port());
  client.send(get("/a?b=c%2f"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->version, "HTTP/1.1");
  EXPECT_EQ(answer->body, "GET /a?b=c%2f 1.1\nHost=a\nbody=\npeer=127.0.0.1\n");
  EXPECT_EQ(answer->header("X-Answer"), "yes");
  EXPECT_TRUE(answer->header("Date").value_or("").ends_with(" GMT"));
  EXPECT_FALSE(answer->header("Connection"));
}

TEST_P(HttpListenerSuite, KeepsAConnectionForManyRequests) {
  start();
  RawClient client(port());
  for (int i = 0; i < 200; ++i) {
    const std::string target = "/" + std::to_string(i);
    ASSERT_TRUE(client.send(get(target)));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_TRUE(answer->body.starts_with("GET " + target + " ")) << answer->body;
  }
}

TEST_P(HttpListenerSuite, ShowsEveryHeaderInOrderWithDuplicates) {
  start();
  RawClient client(port());
  client.send(
      get("/", "X-Forwarded-Uri: /one\r\nx-forwarded-uri: /two\r\nX_Forwarded_Uri: /three\r\nCookie: =;;odd\r\nAccept: *\r\n"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_NE(
      answer->body.find("Host=a\nX-Forwarded-Uri=/one\nx-forwarded-uri=/two\nX_Forwarded_Uri=/three\nCookie==;;odd\nAccept=*\n"),
      std::string::npos)
      << answer->body;
}

TEST_P(HttpListenerSuite, SpeaksHttp10) {
  start();
  {
    RawClient client(port());
    client.send("GET / HTTP/1.0\r\n\r\n");
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body.starts_with("GET / 1.0\n"));
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_TRUE(client.has_ended());
  }
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("Connection"), "keep-alive");
  }
}

TEST_P(HttpListenerSuite, ClosesWhenAskedTo) {
  start();
  RawClient client(port());
  client.send(get("/", "Connection: close\r\n") + get("/smuggled"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.has_ended());
}

TEST_P(HttpListenerSuite, HandsTheAbsoluteFormOnAsSent) {
  start();
  RawClient client(port());
  client.send("GET http://evil/auth?x HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body.starts_with("GET http://evil/auth?x 1.1\n")) << answer->body;
}

TEST_P(HttpListenerSuite, AnswersPipelinedRequestsInOrder) {
  start();
  std::string requests;
  for (int i = 0; i < 3'000; ++i) requests += get("/" + std::to_string(i));
  RawClient client(port());
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 3'000; ++i) {
    const auto answer = client.read_answer();
    EXPECT_TRUE(answer && answer->body.starts_with("GET /" + std::to_string(i) + " ")) << i;
    if (!answer) break;
  }
  sender.join();
}

TEST_P(HttpListenerSuite, TakesARequestByteByByte) {
  start();
  RawClient client(port());
  for (const char c : get("/slowly", "X-A: b\r\nContent-Length: 3\r\n") + "abc") ASSERT_TRUE(client.send({&c, 1}));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->body.find("GET /slowly 1.1\nHost=a\nX-A=b\nContent-Length=3\nbody=abc\n"), std::string::npos) << answer->body;
}

TEST_P(HttpListenerSuite, SendsNoBodyToHead) {
  start();
  RawClient client(port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
  const auto head = client.read_answer(AnswerBody::absent);
  ASSERT_TRUE(head);
  EXPECT_NE(head->header("Content-Length").value_or("0"), "0");
  const auto next = client.read_answer();
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->body.starts_with("GET /next ")) << next->body;
}

TEST_P(HttpListenerSuite, SendsNoBodyWith204And304) {
  start_with([](const Request& request) {
    Response response;
    response.status = request.target == "/204" ? 204 : 304;
    response.body = "must not be sent";
    return response;
  });
  RawClient client(port());
  client.send(get("/204") + get("/304") + get("/204"));
  EXPECT_EQ(client.read_answer(AnswerBody::absent)->status, 204);
  EXPECT_EQ(client.read_answer(AnswerBody::absent)->status, 304);
  EXPECT_EQ(client.read_answer(AnswerBody::absent)->status, 204);
}

TEST_P(HttpListenerSuite, ReadsBodiesAndChunks) {
  start();
  RawClient client(port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" + get("/1"));
  EXPECT_NE(client.read_answer()->body.find("body=hello\n"), std::string::npos);
  EXPECT_TRUE(client.read_answer()->body.starts_with("GET /1 "));
  client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n"
      "X-Forwarded-Uri: /trailer\r\n\r\n" +
      get("/2"));
  const auto chunked = client.read_answer();
  ASSERT_TRUE(chunked);
  EXPECT_NE(chunked->body.find("body=hello world\n"), std::string::npos) << chunked->body;
  EXPECT_EQ(chunked->body.find("/trailer"), std::string::npos) << "a trailer was read as a header";
  EXPECT_TRUE(client.read_answer()->body.starts_with("GET /2 "));
}

TEST_P(HttpListenerSuite, SaysContinueWhenABodyIsHeldBack) {
  start();
  RawClient client(port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(AnswerBody::absent)->status, 100);
  client.send("hello");
  EXPECT_NE(client.read_answer()->body.find("body=hello\n"), std::string::npos);
  client.send(get("/", "Expect: 100-continue\r\n"));  // as a proxy copies it to a request without a body
  EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_P(HttpListenerSuite, DrainingSaysCloseAndStopEnds) {
  start();
  RawClient idle(port()), half(port());
  idle.send(get("/"));
  ASSERT_TRUE(idle.read_answer());
  half.send("GET /half HTTP/1.1\r\n");
  listener_->begin_drain();
  EXPECT_TRUE(idle.has_ended());
  RawClient fresh(port());
  ASSERT_TRUE(fresh.is_connected());
  fresh.send(get("/fresh"));
  const auto answer = fresh.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(fresh.has_ended());
  std::thread stopper([this] { listener_->stop(); });
  half.send("Host: a\r\n\r\n");
  const auto last = half.read_answer();
  EXPECT_TRUE(last && last->body.starts_with("GET /half "));
  stopper.join();
  EXPECT_FALSE(RawClient(port()).is_connected());
}

TEST_P(HttpListenerSuite, StopDoesNotWaitForeverForASlowClient) {
  ListenerLimits limits;
  limits.drain_timeout_ms = 200;
  start(limits);
  RawClient half(port());
  half.send("GET /half HTTP/1.1\r\n");
  RawClient other(port());
  other.send(get("/"));
  ASSERT_TRUE(other.read_answer());
  listener_->stop();
  EXPECT_TRUE(half.has_ended());
}

TEST_P(HttpListenerSuite, AnAddressInUseIsAnErrorThatNamesIt) {
  start();
  auto second = GetParam().make({"127.0.0.1", port()}, echo, {}, 1);
  const auto started = second->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::unavailable);
  EXPECT_NE(started.error().message.find(std::to_string(port())), std::string::npos) << started.error().message;
}

TEST_P(HttpListenerSuite, ManyClientsAtOnceGetTheirOwnAnswers) {
  start({}, 3);
  std::atomic<int> wrong = 0, right = 0;
  std::vector<std::thread> clients;
  for (int number = 0; number < 8; ++number)
    clients.emplace_back([&, number] {
      for (int round = 0; round < 20; ++round) {
        RawClient client(port());
        for (int i = 0; i < 10; ++i) {
          const std::string target = "/" + std::to_string(number) + "/" + std::to_string(round) + "/" + std::to_string(i);
          client.send(get(target));
          const auto answer = client.read_answer();
          ++(answer && answer->body.starts_with("GET " + target + " ") ? right : wrong);
        }
        if (round % 3 == 0) client.send("BROKEN\r\n\r\n");
      }
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(right, 8 * 20 * 10);
}

}  // namespace
}  // namespace packyard::http
