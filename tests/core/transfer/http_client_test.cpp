#include "core/transfer/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/support/scripted_server.h"

namespace packyard {
namespace {

using std::chrono::milliseconds;

HttpCall get(const ScriptedServer& server) { return {"GET", server.url() + "/a?b=c", {"X-Own: 1"}, {}, {}}; }

ErrorCode code_of(HttpClient& client, const ScriptedServer& server, std::size_t body_bytes_max = 1000) {
  const auto answer = client.send(get(server), body_bytes_max);
  return answer ? ErrorCode::conflict : answer.error().code;
}

TEST(HttpClient, GivesStatusHeadersAndBody) {
  ScriptedServer server({{"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-Some:  thing \r\n\r\nno"}});
  HttpClient client;
  const auto answer = client.send(get(server), 2);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->head.status, 404u);
  EXPECT_EQ(answer->head.header("x-some"), "thing");
  EXPECT_EQ(answer->head.header("absent"), "");
  EXPECT_EQ(answer->head.body_bytes(), 2u);
  EXPECT_EQ(answer->body, "no");
  const std::string asked = server.requests().front();
  EXPECT_TRUE(asked.starts_with("GET /a?b=c HTTP/1.1\r\n")) << asked;
  EXPECT_NE(asked.find("X-Own: 1\r\n"), std::string::npos);
  EXPECT_EQ(asked.find("Accept"), std::string::npos) << asked;
}

TEST(HttpClient, SendsABodyAndPassesOverInterimAnswers) {
  ScriptedServer server({{"HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}});
  HttpClient client;
  const std::string body(100'000, 'x');
  const auto answer = client.send({"PUT", server.url() + "/a", {}, body, {}}, 10);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->head.status, 200u);
  EXPECT_EQ(answer->head.header("x-interim"), "");
  EXPECT_TRUE(server.requests().front().ends_with("\r\n\r\n" + body));
}

TEST(HttpClient, SaysTheLengthOfAnEmptyBodyAndReadsNoneOfHead) {
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, {"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"}});
  HttpClient client;
  ASSERT_TRUE(client.send({"POST", server.url() + "/a", {}, {}, {}}, 0));
  EXPECT_NE(server.requests().front().find("Content-Length: 0\r\n"), std::string::npos);
  EXPECT_EQ(client.send({"HEAD", server.url() + "/a", {}, {}, {}}, 0)->head.body_bytes(), 77u);
}

TEST(HttpClient, AnEarlyEndIsNeverAnEnd) {
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"}});
  HttpClient client;
  const auto stream = client.open(get(server));
  ASSERT_TRUE(stream);
  char block[100];
  std::size_t sum = 0;
  for (auto got = (*stream)->read(block);; got = (*stream)->read(block)) {
    if (!got) {
      EXPECT_EQ(got.error().code, ErrorCode::unavailable);
      break;
    }
    ASSERT_NE(*got, 0u);
    sum += *got;
  }
  EXPECT_LE(sum, 5u);
  EXPECT_FALSE((*stream)->read(block));
}

TEST(HttpClient, WhatMayWorkLaterIsUnavailable) {
  HttpClient client;
  ScriptedServer silent({{""}}), reset({{"", AfterAnswer::reset}}), half({{"HTTP/1.1 200 OK\r\nContent-"}});
  ScriptedServer chunked({{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"}});
  for (const ScriptedServer* server : {&silent, &reset, &half, &chunked})
    EXPECT_EQ(code_of(client, *server), ErrorCode::unavailable);
  HttpCall nobody{"GET", "http://127.0.0.1:1/", {}, {}, {}};
  EXPECT_EQ(client.send(nobody, 10).error().code, ErrorCode::unavailable);
}

TEST(HttpClient, EveryWaitHasADeadline) {
  HttpClient client({milliseconds(1000), milliseconds(100), 10});
  ScriptedServer silent({{"", AfterAnswer::wait}});
  EXPECT_EQ(code_of(client, silent), ErrorCode::unavailable);
  ScriptedServer stuck({{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", AfterAnswer::wait}});
  EXPECT_EQ(code_of(client, stuck), ErrorCode::unavailable);
  HttpClient patient;
  HttpCall call = get(stuck);
  call.whole_deadline = milliseconds(100);
  EXPECT_EQ(patient.send(call, 100).error().code, ErrorCode::unavailable);
}

TEST(HttpClient, NonsenseIsOurProblemNotAnAnswer) {
  HttpClient client;
  ScriptedServer mail({{"220 mail.example.org ESMTP\r\n"}});
  ScriptedServer long_head({{"HTTP/1.1 200 OK\r\nX-Long: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n"}});
  ScriptedServer large({{"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')}});
  for (const ScriptedServer* server : {&mail, &long_head, &large}) EXPECT_EQ(code_of(client, *server), ErrorCode::internal);
}

TEST(HttpClient, MemoryDoesNotGrowWithTheAnswer) {
  const std::string body(8'000'000, 'x');
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n" + body}});
  HttpClient client;
  const auto stream = client.open(get(server));
  ASSERT_TRUE(stream);
  std::vector<char> block(1000);
  std::size_t sum = 0;
  while (true) {
    const auto got = (*stream)->read(block);
    ASSERT_TRUE(got) << got.error().message;
    if (*got == 0) break;
    sum += *got;
  }
  EXPECT_EQ(sum, body.size());
}

TEST(HttpClient, AConnectionLeftInTheMiddleHarmsNoOther) {
  ScriptedServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'x')},
                         {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew"}});
  HttpClient client;
  { ASSERT_TRUE(client.open(get(server))); }
  EXPECT_EQ(client.send(get(server), 10)->body, "new");
}

TEST(HttpClient, GoesThroughNoProxyOfTheEnvironment) {
  ASSERT_EQ(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  ScriptedServer server({{"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"}});
  HttpClient client;
  EXPECT_EQ(client.send(get(server), 10)->head.status, 302u);
  unsetenv("http_proxy");
}

}  // namespace
}  // namespace packyard
