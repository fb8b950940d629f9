// Files of the promotion queue and answers about promotions: what is taken reads back as itself, within its bounds and without
// bytes that steer a terminal, and no id leads to another file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/promotion_json.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

void demand_printable(std::string_view text) {
  demand(std::ranges::all_of(text, [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n'; }));
}

void judge(const packyard::PromotionReport& report) {
  demand_printable(report.reason);
  for (const auto& step : report.steps) demand_printable(step.name + step.unit);
  for (const auto& finding : report.findings) demand_printable(finding.subject + finding.problem);
  for (const auto& change : report.changes)
    demand_printable(change.kind + change.target + change.name + change.version + change.architecture + change.previous_version);
  const std::string text = packyard::report_json(report);
  demand(text.size() <= 512 * 1024);
  const auto again = packyard::parse_report(text);
  demand(again && *again == report);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto id = packyard::PromotionId::parse(text)) demand(id->text() == text);
  if (const auto order = packyard::parse_order(text)) {
    const auto again = packyard::parse_order(packyard::order_json(*order));
    demand(again && *again == *order);
  } else {
    demand_printable(order.error().message);
  }
  if (const auto report = packyard::parse_report(text)) judge(*report);
  if (const auto record = packyard::parse_promotion(text)) {
    const auto again = packyard::parse_promotion(packyard::promotion_json(*record));
    demand(again && *again == *record);
  }
  return 0;
}
