// A queued promotion as text for a terminal: its steps as they come, and what came of it. Pure but for what was shown already;
// the texts of a record cannot steer a terminal (storage/promotion_record.h).
#pragma once

#include <string>

#include "programs/packyard/command_line.h"
#include "storage/promotion_record.h"

namespace packyard {

class StepOutput {
 public:
  // A line for each step that was not there before, and for a wait.
  std::string news(const PromotionRecord& record);

 private:
  std::uint32_t attempt_ = 0;
  std::size_t steps_shown_ = 0;
  std::string reason_shown_;
};

// What changed and which release it made: for standard output.
std::string described_changes(const PromotionRecord& record);
// Findings, or why it failed; empty when all went well.
std::string described_problems(const PromotionRecord& record);
// done, refused or failed, as packyard-press promote would end.
ExitCode exit_code_of(const PromotionReport& report);

}  // namespace packyard
