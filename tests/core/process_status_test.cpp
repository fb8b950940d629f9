#include "core/process_status.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "tests/support/child_process.h"

namespace packyard {
namespace {

TEST(ProcessStatus, TellsPlausibleNumbersOfThisProcess) {
  const ProcessStatus status = read_process_status();
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(status.start_time_seconds, now - 24 * 3600);
  EXPECT_LT(status.start_time_seconds, now + 60);
  EXPECT_GT(status.resident_bytes, 100'000U);
  EXPECT_GT(status.virtual_bytes, status.resident_bytes);
  EXPECT_GE(status.open_descriptors, 3U);
  EXPECT_GE(status.descriptors_max, status.open_descriptors);
}

TEST(ProcessStatus, RaisesTheDescriptorLimitAsFarAsItMay) {
  const int status = exit_status_of_child([] {
    rlimit limit{.rlim_cur = 50, .rlim_max = 100};
    setrlimit(RLIMIT_NOFILE, &limit);
    raise_descriptor_limit();
    return read_process_status().descriptors_max == 100 ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace packyard
