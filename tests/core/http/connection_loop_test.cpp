#include "core/http/connection_loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/http/listening_socket.h"
#include "tests/support/raw_client.h"

namespace packyard::http {
namespace {

// A loop on a thread of its own, with a large answer for everybody.
class ConnectionLoopTest : public testing::Test {
 protected:
  void start() {
    shared_.handler = [](const Request&) {
      Response response;
      response.body = std::string(512 * 1024, 'x');
      return response;
    };
    listening_ = ListeningSocket::open({"127.0.0.1", 0}).value();
    loop_ = std::make_unique<ConnectionLoop>(shared_, listening_.descriptor());
    ASSERT_TRUE(loop_->prepare());
    thread_ = std::thread([this] { loop_->run(); });
  }
  void TearDown() override {
    shared_.draining = shared_.stopping = true;
    loop_->wake();
    thread_.join();
    EXPECT_TRUE(loop_->has_ended());
  }

  LoopShared shared_;
  ListeningSocket listening_;
  std::unique_ptr<ConnectionLoop> loop_;
  std::thread thread_;
};

const std::string question = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(ConnectionLoopTest, AnswersLargerThanTheKernelTakesAtOnceArriveWhole) {
  start();
  RawClient client(listening_.port());
  std::string questions;
  for (int i = 0; i < 40; ++i) questions += question;
  client.send(questions);
  for (int i = 0; i < 40; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body.size(), 512U * 1024);
  }
}

TEST_F(ConnectionLoopTest, APeerThatDoesNotReadIsLetGo) {
  shared_.limits.read_timeout_ms = 100;
  start();
  RawClient client(listening_.port());
  std::string questions;
  for (int i = 0; i < 200; ++i) questions += question;
  client.send(questions);
  while (shared_.connections == 0) std::this_thread::yield();
  while (shared_.connections != 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

TEST_F(ConnectionLoopTest, BeyondTheMostConnectionsTheLongestIdleMakesRoom) {
  shared_.limits.connections_max = 3;
  start();
  RawClient first(listening_.port()), second(listening_.port()), third(listening_.port());
  for (RawClient* client : {&first, &second, &third}) {
    client->send(question);
    ASSERT_TRUE(client->read_answer());
  }
  RawClient fourth(listening_.port());
  fourth.send(question);
  EXPECT_TRUE(fourth.read_answer());
  EXPECT_LE(shared_.connections.load(), 3U);
}

TEST_F(ConnectionLoopTest, Beats) {
  start();
  const auto before = loop_->beats();
  loop_->wake();
  while (loop_->beats() == before) std::this_thread::yield();
}

}  // namespace
}  // namespace packyard::http
