#include "storage/promotion_record.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace packyard {
namespace {

TEST(PromotionId, IsWrittenInOneWay) {
  EXPECT_EQ(PromotionId{42}.text(), "prm_42");
  EXPECT_EQ(PromotionId::parse("prm_42"), PromotionId{42});
  for (const char* wrong : {"", "42", "prm_", "prm_0", "prm_042", "prm_-1", "prm_+1", "prm_4 2", "prm_42.json", "PRM_42",
                            "prm_../../etc", "..", "prm_1/../2", "prm_%34", "prm_9999999999999999"})
    EXPECT_FALSE(PromotionId::parse(wrong)) << wrong;
  EXPECT_LT(PromotionId{9}, PromotionId{10});
}

TEST(PromotionState, ReadsBack) {
  for (const auto state : {PromotionState::queued, PromotionState::running, PromotionState::succeeded, PromotionState::refused,
                           PromotionState::failed}) {
    EXPECT_EQ(parse_promotion_state(to_string(state)), state);
    EXPECT_EQ(is_final(state), state != PromotionState::queued && state != PromotionState::running);
  }
  EXPECT_FALSE(parse_promotion_state("done"));
}

TEST(PromotionReport, TextsCannotSteerATerminalAndAreCut) {
  PromotionReport report;
  report.explain("first \"line\"\n- second\x1b[2J\xc3\xa9");
  EXPECT_EQ(report.reason, "first \"line\"\n- second\\x1b[2J\\xc3\\xa9");
  report.add(PromotionFinding{"a\tb", std::string(5000, 'x')});
  EXPECT_EQ(report.findings.front().subject, "a\\x09b");
  EXPECT_LE(report.findings.front().problem.size(), PromotionReport::text_bytes_max + 3);
  const PromotionFinding once = report.findings.front();
  report.add(PromotionFinding(once));
  EXPECT_EQ(report.findings.back(), once);  // what was cut is not cut again
}

TEST(PromotionReport, ListsAreBoundedAndCounted) {
  PromotionReport report;
  for (int i = 0; i < 5000; ++i) {
    report.add(PromotionFinding{"file " + std::to_string(i), std::string(200, 'x')});
    report.add(PromotionChange{"added", "rpm/core/2025/el9-x86_64", std::to_string(i), "1", "x86_64", ""});
  }
  EXPECT_EQ(report.findings_total, 5000u);
  EXPECT_EQ(report.changes_total, 5000u);
  EXPECT_GT(report.findings.size(), 100u);
  EXPECT_LT(report.findings.size(), PromotionReport::list_bytes_max / 200);
  EXPECT_EQ(report.changes.front().name, "0");
  for (std::size_t i = 0; i < report.changes.size(); ++i)
    EXPECT_EQ(report.changes[i].name, std::to_string(i));  // the first ones, no holes
}

TEST(PromotionReport, AStepThatGoesOnIsOneStep) {
  PromotionReport report;
  report.add(PromotionStep{"reading staging", "bytes", 10, 0, Timestamp{1}});
  report.add(PromotionStep{"reading staging", "bytes", 10, 10, Timestamp{2}});
  report.add(PromotionStep{"signing", "packages", 2, 0, Timestamp{3}});
  ASSERT_EQ(report.steps.size(), 2u);
  EXPECT_EQ(report.steps[0], (PromotionStep{"reading staging", "bytes", 10, 10, Timestamp{1}}));
  for (int i = 0; i < 1000; ++i) report.add(PromotionStep{"step " + std::to_string(i), "", 0, 0, Timestamp{4}});
  EXPECT_EQ(report.steps.size(), PromotionReport::steps_max);
}

}  // namespace
}  // namespace packyard
