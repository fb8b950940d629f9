#include "core/http/conversation.h"

#include <gtest/gtest.h>

namespace packyard::http {
namespace {

const std::string question = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class ConversationTest : public testing::Test {
 protected:
  ConversationTest() { conversation.restart("127.0.0.1"); }

  int asked = 0;
  std::size_t body_bytes = 0;
  Handler handler = [this](const Request&) {
    ++asked;
    Response response;
    response.body = std::string(body_bytes, 'x');
    return response;
  };
  ConversationDesk desk{.handler = handler, .date = {}, .request = {}, .output = {}};
  Conversation conversation{ListenerLimits{}};
};

TEST_F(ConversationTest, NothingAfterAnErrorIsARequest) {
  conversation.take("BROKEN\r\n\r\n" + question, desk);
  conversation.take(question, desk);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(conversation.end(), Conversation::End::linger);
  EXPECT_EQ(desk.output.find("HTTP/1.1 400"), 0U);
  EXPECT_EQ(desk.output.rfind("HTTP/1.1"), 0U) << "one answer only";
}

TEST_F(ConversationTest, NothingAfterATimeoutIsARequest) {
  conversation.take("GET /", desk);
  EXPECT_TRUE(conversation.in_request());
  conversation.time_out(desk);
  conversation.time_out(desk);
  conversation.take(question, desk);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(desk.output.rfind("HTTP/1.1 408"), 0U);
}

TEST_F(ConversationTest, StopsWhenTheAnswersAreManyAndGoesOn) {
  body_bytes = 200 * 1024;
  std::string questions;
  for (int i = 0; i < 10; ++i) questions += question;
  conversation.take(questions, desk);
  EXPECT_TRUE(conversation.more_waits());
  EXPECT_EQ(asked, 2);
  while (conversation.more_waits()) {
    desk.output.clear();
    conversation.take({}, desk);
  }
  EXPECT_EQ(asked, 10);
  EXPECT_FALSE(conversation.in_request());
}

TEST_F(ConversationTest, DrainingEndsWithTheNextAnswer) {
  desk.draining = true;
  conversation.take(question + question, desk);
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(conversation.end(), Conversation::End::linger);
  EXPECT_NE(desk.output.find("Connection: close"), std::string::npos);
}

TEST_F(ConversationTest, ContinueIsSaidOnce) {
  const std::string header = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
  conversation.take(header, desk);
  conversation.take("a", desk);
  EXPECT_EQ(desk.output, "HTTP/1.1 100 Continue\r\n\r\n");
  conversation.take("b", desk);
  EXPECT_EQ(asked, 1);
  desk.output.clear();
  conversation.take(header, desk);
  EXPECT_EQ(desk.output, "HTTP/1.1 100 Continue\r\n\r\n") << "the next request may need it as well";
}

TEST_F(ConversationTest, RestartForgetsEverything) {
  conversation.take("GET /half", desk);
  conversation.restart("::1");
  desk.output.clear();
  conversation.take(question, desk);
  EXPECT_EQ(desk.output.find("HTTP/1.1 200"), 0U);
}

}  // namespace
}  // namespace packyard::http
