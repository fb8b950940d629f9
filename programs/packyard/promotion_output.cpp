#include "programs/packyard/promotion_output.h"

namespace packyard {

std::string StepOutput::news(const PromotionRecord& record) {
  const PromotionReport& report = record.report;
  if (report.attempts != attempt_) steps_shown_ = 0;
  attempt_ = report.attempts;
  std::string text;
  if (report.state == PromotionState::queued && report.reason != reason_shown_ && !report.reason.empty())
    text += "waits again: " + report.reason + "\n";
  reason_shown_ = report.reason;
  for (; steps_shown_ < report.steps.size(); ++steps_shown_) {
    const PromotionStep& step = report.steps[steps_shown_];
    text += step.name + (step.total > 0 ? ": " + std::to_string(step.total) + " " + step.unit : "") + "\n";
  }
  return text;
}

std::string described_changes(const PromotionRecord& record) {
  const PromotionReport& report = record.report;
  if (report.state != PromotionState::succeeded) return {};
  std::string text, target;
  if (report.finished_release)
    text += "finished release " + std::to_string(*report.finished_release) + ", which an interrupted command had prepared\n";
  for (const PromotionChange& change : report.changes) {
    if (change.target != target) text += change.target + "\n";
    target = change.target;
    text += "  " + change.kind + " " + change.name + " " + change.version + " " + change.architecture +
            (change.previous_version.empty() ? "" : " (was " + change.previous_version + ")") + "\n";
  }
  if (report.changes_total > report.changes.size())
    text += "  and " + std::to_string(report.changes_total - report.changes.size()) + " more changes\n";
  if (record.order.mode == PromotionMode::dry_run)
    return text + (report.changes_total == 0 ? "nothing would change\n" : "nothing was published: this was a dry run\n");
  if (report.release) return text + "release " + std::to_string(*report.release) + " is live\n";
  return text + (report.reason.empty() ? "nothing new in staging" : report.reason) + "\n";
}

std::string described_problems(const PromotionRecord& record) {
  const PromotionReport& report = record.report;
  if (report.state == PromotionState::failed) return record.order.id.text() + " failed: " + report.reason + "\n";
  if (report.state != PromotionState::refused) return {};
  std::string text = record.order.id.text() + " refused, nothing was published, staged files stay where they are:\n";
  for (const PromotionFinding& finding : report.findings) text += "- " + finding.subject + ": " + finding.problem + "\n";
  if (report.findings_total > report.findings.size())
    text += "and " + std::to_string(report.findings_total - report.findings.size()) + " more findings\n";
  return text;
}

ExitCode exit_code_of(const PromotionReport& report) {
  if (report.state == PromotionState::succeeded) return ExitCode::done;
  return report.state == PromotionState::refused ? ExitCode::refused : ExitCode::failed;
}

}  // namespace packyard
