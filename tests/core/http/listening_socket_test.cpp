#include "core/http/listening_socket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/raw_client.h"

namespace packyard::http {
namespace {

TEST(ListeningSocket, TakesAnyFreePortAndSaysWhoCalls) {
  auto listening = ListeningSocket::open({"127.0.0.1", 0});
  ASSERT_TRUE(listening) << listening.error().message;
  const auto nobody = accept_connection(listening->descriptor());
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error(), EAGAIN);
  RawClient client(listening->port());
  ASSERT_TRUE(client.is_connected());
  const auto accepted = accept_connection(listening->descriptor());
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->peer, "127.0.0.1");
  close(accepted->descriptor);
}

TEST(ListeningSocket, RefusesWhatIsNotOurs) {
  const auto failed = ListeningSocket::open({"no.such.host.invalid", 80});
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message.find("no.such.host.invalid:80"), std::string::npos);
}

}  // namespace
}  // namespace packyard::http
