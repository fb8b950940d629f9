#include "admin/admin_client.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/command_runner.h"
#include "core/http/pistache_listener.h"
#include "tests/support/admin_world.h"
#include "tests/support/raw_client.h"

namespace packyard {
namespace {

// The API behind its real listener, asked by our client and by curl.
class AdminClientTest : public testing::Test {
 protected:
  void SetUp() override {
    listener_ = http::make_pistache_listener({"127.0.0.1", 0},
                                             [this](const http::Request& request) { return world_.api.handle(request); });
    const auto started = listener_->start();
    ASSERT_TRUE(started) << started.error().message;
    url_ = "http://127.0.0.1:" + std::to_string(listener_->port());
  }
  void TearDown() override { listener_->stop(); }

  AdminAnswer send(std::string_view method, std::string_view path, std::string_view body = {}) {
    const auto client = AdminClient::make(url_);
    EXPECT_TRUE(client) << client.error().message;
    auto answer = client->send(method, path, body);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(AdminAnswer{});
  }
  // The status curl is answered with.
  std::string curl(std::vector<std::string> arguments, std::string input = {}) {
    Command command;
    command.arguments = {"curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}"};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.arguments.push_back(url_ + "/api/v1/keys");
    command.input = std::move(input);
    const auto outcome = runner_.run(command);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? outcome->output : std::string();
  }

  AdminWorld world_;
  std::unique_ptr<http::HttpListener> listener_;
  std::string url_;
  SystemCommandRunner runner_;
};

TEST_F(AdminClientTest, MakesListsAndRevokes) {
  const AdminAnswer created = send("POST", "/api/v1/keys", R"({"component":"core","label":"Müller"})");
  ASSERT_EQ(created.status, 201u) << created.body;
  const std::string id = parse_key_view(created.body)->id;
  EXPECT_EQ(parse_key_views(send("GET", "/api/v1/keys").body)->front().label, "Müller");
  EXPECT_EQ(send("DELETE", "/api/v1/keys/" + id).status, 200u);
  EXPECT_EQ(parse_key_view(send("GET", "/api/v1/keys/" + id).body)->status, "revoked");
  EXPECT_EQ(send("GET", "/api/v1/keys/key_absent").status, 404u);
}

TEST_F(AdminClientTest, FollowsPagesToTheirEnd) {
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(send("POST", "/api/v1/keys", R"({"component":"core","label":"Müller"})").status, 201u);
  std::size_t seen = 0;
  int pages = 0;
  for (std::string path = "/api/v1/keys?limit=2"; !path.empty(); ++pages) {
    const AdminAnswer answer = send("GET", path);
    seen += parse_key_views(answer.body)->size();
    path = answer.next_page;
  }
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(pages, 3);
}

TEST_F(AdminClientTest, IgnoresProxiesOfTheEnvironment) {
  ASSERT_EQ(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  ASSERT_EQ(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
  EXPECT_EQ(send("GET", "/healthz").status, 200u);
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
}

TEST_F(AdminClientTest, FollowsNoRedirect) {
  auto elsewhere = http::make_pistache_listener({"127.0.0.1", 0}, [this](const http::Request&) {
    http::Response response;
    response.status = 302;
    response.headers.push_back({"Location", url_ + "/healthz"});
    return response;
  });
  ASSERT_TRUE(elsewhere->start());
  const auto answer = AdminClient::make("http://127.0.0.1:" + std::to_string(elsewhere->port()))->send("GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302u);
  elsewhere->stop();
}

TEST_F(AdminClientTest, SaysWhenNobodyAnswers) {
  listener_->stop();
  const auto refused = AdminClient::make(url_)->send("GET", "/healthz");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().message.find(url_), std::string::npos);
}

TEST_F(AdminClientTest, TakesOnlyTheAddressOfAServer) {
  for (const char* url : {"http://127.0.0.1:8088", "http://localhost:8088/", "https://admin.example.org", "http://[::1]:1"})
    EXPECT_TRUE(AdminClient::make(url)) << url;
  for (const char* url : {"", "127.0.0.1:8088", "file:///etc/passwd", "http://a/b", "http://a?b", "http://u:p@a", "ftp://a",
                          "http://a#b", "http://"})
    EXPECT_FALSE(AdminClient::make(url)) << url;
}

// The same dangers as in request_guard_test, now through the parser a browser or curl would meet.
TEST_F(AdminClientTest, TheListenerKeepsWebPagesOutToo) {
  const std::string body = R"({"component":"core","label":"x"})";
  const std::string json = "Content-Type: application/json";
  EXPECT_EQ(curl({"-H", json, "-d", body}), "201");
  EXPECT_EQ(curl({"-d", body}), "415");
  EXPECT_EQ(curl({"-H", "Content-Type: text/plain", "-d", body}), "415");
  EXPECT_EQ(curl({"-H", json, "-H", "Host: evil.example", "-d", body}), "421");
  EXPECT_EQ(curl({"-H", json, "-H", "Origin: http://evil.example", "-d", body}), "403");
  EXPECT_EQ(curl({"-H", "Sec-Fetch-Site: cross-site"}), "403");
  EXPECT_EQ(curl({"-X", "OPTIONS", "-H", "Origin: http://evil.example", "-H", "Access-Control-Request-Method: POST"}), "403");
  EXPECT_EQ(curl({"-X", "OPTIONS"}), "405");
  EXPECT_EQ(curl({"-I"}), "200");
  EXPECT_EQ(curl({"-H", json, "--data-binary", "@-"}, std::string(64 * 1024 + 1, ' ')), "413");
  EXPECT_EQ(curl({"-H", json, "-H", "Transfer-Encoding: chunked", "-d", body}), "201");
  EXPECT_EQ(world_.store.list()->size(), 2u);
}

TEST_F(AdminClientTest, DoubtAboutTheHostIsRefused) {
  const auto status_of = [&](std::string_view head) {
    RawClient client(listener_->port());
    EXPECT_TRUE(client.send(head));
    const auto answer = client.read_answer();
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status_of("GET /api/v1/keys HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET /api/v1/keys HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /api/v1/keys HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /api/v1/keys HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /api/v1/keys HTTP/1.0\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET http://localhost/api/v1/keys HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
  EXPECT_EQ(status_of("GET http://evil.example/api/v1/keys HTTP/1.1\r\nHost: localhost\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET http://localhost/api/v1/keys HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
}

}  // namespace
}  // namespace packyard
