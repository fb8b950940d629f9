#include "storage/s3/retry_schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace packyard {
namespace {

using std::chrono::milliseconds;

class RecordingClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp{milliseconds_ / 1000}; }
  void sleep_for(milliseconds duration) override {
    waits.push_back(duration.count());
    milliseconds_ += duration.count();
  }
  std::vector<std::int64_t> waits;

 private:
  std::int64_t milliseconds_ = 0;
};

TEST(RetrySchedule, WaitsLongerEachTimeUpToABound) {
  RecordingClock clock;
  SystemRandomSource random;
  RetrySchedule schedule({6, milliseconds(100), milliseconds(500), std::chrono::seconds(60)}, clock, random);
  while (schedule.wait()) {
  }
  EXPECT_EQ(schedule.attempts(), 6u);
  ASSERT_EQ(clock.waits.size(), 5u);
  const std::int64_t longest[] = {100, 200, 400, 500, 500};
  for (std::size_t i = 0; i < clock.waits.size(); ++i) {
    EXPECT_GE(clock.waits[i], longest[i] / 2);
    EXPECT_LE(clock.waits[i], longest[i]);
  }
}

TEST(RetrySchedule, IsNotTheSameForEverybody) {
  SystemRandomSource random;
  std::set<std::int64_t> waits;
  for (int i = 0; i < 20; ++i) {
    RecordingClock clock;
    EXPECT_TRUE(RetrySchedule({2, milliseconds(10'000), milliseconds(10'000), std::chrono::seconds(60)}, clock, random).wait());
    waits.insert(clock.waits.front());
  }
  EXPECT_GT(waits.size(), 1u);
}

TEST(RetrySchedule, EndsAtItsDeadlineAndHonoursTheServersWish) {
  RecordingClock clock;
  SystemRandomSource random;
  RetrySchedule schedule({100, milliseconds(1), milliseconds(5000), std::chrono::seconds(12)}, clock, random);
  EXPECT_TRUE(schedule.wait(milliseconds(3000)));
  EXPECT_EQ(clock.waits.back(), 3000);
  EXPECT_TRUE(schedule.wait(milliseconds(60'000)));
  EXPECT_EQ(clock.waits.back(), 5000);
  EXPECT_FALSE(schedule.wait(milliseconds(5000)));
  schedule.reset();
  EXPECT_TRUE(schedule.wait(milliseconds(5000)));
}

}  // namespace
}  // namespace packyard
