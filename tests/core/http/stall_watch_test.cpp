#include "core/http/stall_watch.h"

#include <gtest/gtest.h>

#include <atomic>

#include "core/http/beast_listener.h"
#include "tests/support/child_process.h"
#include "tests/support/raw_client.h"

namespace packyard::http {
namespace {

TEST(StallWatch, EndsTheProcessWhenACounterStandsStill) {
  const int status = exit_status_of_child([] {
    std::atomic<std::uint64_t> moving = 0;
    const StallWatch watch("test", 60, [&] { return std::vector<std::uint64_t>{++moving, 7}; });
    std::this_thread::sleep_for(std::chrono::seconds(30));
    return 0;
  });
  EXPECT_EQ(status, 70);
}

TEST(StallWatch, LetsMovingAndEndedCountersBe) {
  const int status = exit_status_of_child([] {
    std::atomic<std::uint64_t> looks = 0;
    const StallWatch watch("test", 60, [&] { return std::vector<std::uint64_t>{++looks, StallWatch::ended}; });
    while (looks < 20) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return 0;
  });
  EXPECT_EQ(status, 0);
}

TEST(StallWatch, AHandlerThatHangsEndsTheProcess) {
  const int status = exit_status_of_child([] {
    ListenerLimits limits;
    limits.stall_timeout_ms = 400;
    const auto listener = make_beast_listener(
        {"127.0.0.1", 0},
        [](const Request&) {
          std::this_thread::sleep_for(std::chrono::seconds(30));
          return Response{};
        },
        limits, 2);
    if (!listener->start()) return 1;
    RawClient client(listener->port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    client.read_answer();
    return 2;
  });
  EXPECT_EQ(status, 70);
}

}  // namespace
}  // namespace packyard::http
