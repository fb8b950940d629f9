#include "storage/promotion_json.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

PromotionRecord sample() {
  PromotionRecord record;
  record.order = PromotionOrder{.id = PromotionId{7},
                                .created_at = Timestamp{1'767'225'600},
                                .requested_by = "ops",
                                .component = ComponentName::parse("core").value(),
                                .year = Year::parse("2025").value(),
                                .format = Format::deb,
                                .target = TargetName::parse("bookworm").value(),
                                .mode = PromotionMode::dry_run};
  PromotionReport& report = record.report;
  report.id = PromotionId{7};
  report.state = PromotionState::refused;
  report.attempts = 2;
  report.started_at = Timestamp{1'767'225'601};
  report.finished_at = Timestamp{1'767'225'602};
  report.explain("said \"no\"\n- twice");
  report.finished_release = 3;
  report.staged_files = 4;
  report.add(PromotionStep{"reading staging", "bytes", 10, 10, Timestamp{1'767'225'601}});
  report.add(PromotionFinding{"core/2025/deb/bookworm/a.deb", "no checksum file"});
  report.add(PromotionChange{"upgraded", "deb/core/2025/bookworm", "a", "2", "amd64", "1"});
  return record;
}

TEST(PromotionJson, ReadsBack) {
  const PromotionRecord record = sample();
  EXPECT_EQ(parse_order(order_json(record.order)).value(), record.order);
  EXPECT_EQ(parse_report(report_json(record.report)).value(), record.report);
  EXPECT_EQ(parse_promotion(promotion_json(record)).value(), record);
  const PromotionRecord least{PromotionOrder{.id = PromotionId{1}}, PromotionReport{.id = PromotionId{1}}};
  EXPECT_EQ(parse_promotion(promotion_json(least)).value(), least);
}

TEST(PromotionJson, SaysWhatIsUnsetAsNull) {
  EXPECT_EQ(order_json(PromotionOrder{.id = PromotionId{1}, .created_at = Timestamp{1'767'225'600}}),
            "{\"id\":\"prm_1\",\"created_at\":\"2026-01-01T00:00:00Z\",\"requested_by\":\"\",\"component\":null,"
            "\"year\":null,\"format\":null,"
            "\"target\":null,"
            "\"dry_run\":false}\n");
  const std::string text = report_json(PromotionReport{.id = PromotionId{1}});
  EXPECT_TRUE(text.starts_with("{\"id\":\"prm_1\",\"state\":\"queued\",\"attempts\":0,\"started_at\":null,")) << text;
  EXPECT_NE(text.find("\"release\":null"), std::string::npos);
}

TEST(PromotionJson, NamesThatAreNotKnownArePassedOver) {
  std::string text = order_json(sample().order);
  text.insert(1, "\"colour\":[1,{}],");
  EXPECT_EQ(parse_order(text).value(), sample().order);
}

TEST(PromotionJson, RefusesWhatItCannotMean) {
  const std::string order = order_json(sample().order), report = report_json(sample().report);
  const auto with = [](std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const auto& wrong :
       {std::string(), std::string("[]"), std::string("{}"), with(order, "prm_7", "../7"), with(order, "\"core\"", "\"../x\""),
        with(order, "\"2025\"", "2025"), with(order, "deb", "zip"), with(order, "true", "null"),
        with(order, "\"bookworm\"", "\"a b\""), with(order, "2026-", "soon-"), order + order}) {
    const auto parsed = parse_order(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
    EXPECT_EQ(parsed.error().message.find("../"), std::string::npos);
  }
  for (const auto& wrong :
       {with(report, "refused", "done"), with(report, "\"attempts\":2", "\"attempts\":-2"),
        with(report, "\"release\":null", "\"release\":\"3\""), with(report, "[{\"subject\"", "[1,{\"subject\""),
        with(report, "\"findings\":[", "\"findings\":{}, \"other\":["),
        with(report, "\"staged_files\":4", "\"staged_files\":4.5")})
    EXPECT_FALSE(parse_report(wrong)) << wrong;
}

TEST(PromotionJson, WhatIsReadKeepsTheBounds) {
  PromotionReport report{.id = PromotionId{1}};
  std::string text = report_json(report);
  std::string findings;
  for (int i = 0; i < 3000; ++i)
    findings += (i == 0 ? "" : ",") + std::string("{\"subject\":\"\\u001b[2J\",\"problem\":\"") + std::string(100, 'x') + "\"}";
  const std::size_t at = text.find("\"findings\":[") + 12;
  const auto read = parse_report(text.insert(at, findings));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_LT(read->findings.size(), 1000u);
  EXPECT_EQ(read->findings.front().subject, "\\x1b[2J");
}

}  // namespace
}  // namespace packyard
