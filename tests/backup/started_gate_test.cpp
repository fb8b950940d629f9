#include "backup/started_gate.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/backup_site.h"

namespace packyard {
namespace {

class StartedGateTest : public testing::Test {
 protected:
  Result<StartedGate> start(const std::string& script, std::chrono::seconds deadline = std::chrono::seconds(120)) {
    const auto program = folder_ / "gate";
    BackupSite::write(program, "#!/bin/sh\n" + script + "\n");
    EXPECT_EQ(chmod(program.c_str(), 0700), 0);
    return StartedGate::start(program, {"PATH=" + std::string(std::getenv("PATH")), "GREETING=hello"}, deadline);
  }
  TemporaryFolder folder_;
};

TEST_F(StartedGateTest, ReadsPortAndKeysFromItsLog) {
  const auto gate = start(
      "[ \"$1 $GREETING\" = 'gate hello' ] || exit 1\n"
      "echo 'info starting' >&2; echo 'info gate_ready port=1234 registry_port=5 metrics_port=6 threads=1 keys=78' >&2; exec "
      "sleep 600");
  ASSERT_TRUE(gate) << gate.error().message;
  EXPECT_EQ(gate->port(), 1234);
  EXPECT_EQ(gate->keys(), 78u);
}

TEST_F(StartedGateTest, SaysWhatItSaidLast) {
  const auto gate = start("echo 'first' >&2; echo 'packyard: no pepper' >&2; exit 1");
  ASSERT_FALSE(gate);
  EXPECT_EQ(gate.error().code, ErrorCode::unavailable);
  EXPECT_NE(gate.error().message.find("ended; it said last: packyard: no pepper"), std::string::npos) << gate.error().message;
}

TEST_F(StartedGateTest, IsNotWaitedForWithoutEnd) {
  EXPECT_NE(start("exec sleep 600", std::chrono::seconds(0)).error().message.find("not ready in time"), std::string::npos);
  EXPECT_NE(start("echo 'gate_ready port=x' >&2; exec sleep 600").error().message.find("another version"), std::string::npos);
  EXPECT_EQ(StartedGate::start(folder_ / "absent", {}, std::chrono::seconds(1)).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
