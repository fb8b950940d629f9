#include "core/log_limit.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(LogLimit, LimitsASecondAndTellsWhatWasLeftOut) {
  LogLimit limit(2);
  EXPECT_TRUE(limit.ask(Timestamp{1}).write);
  EXPECT_TRUE(limit.ask(Timestamp{1}).write);
  EXPECT_FALSE(limit.ask(Timestamp{1}).write);
  EXPECT_FALSE(limit.ask(Timestamp{1}).write);
  const LogLimit::Verdict next = limit.ask(Timestamp{2});
  EXPECT_TRUE(next.write);
  EXPECT_EQ(next.left_out, 2u);
  EXPECT_EQ(limit.ask(Timestamp{2}).left_out, 0u);
}

}  // namespace
}  // namespace packyard
