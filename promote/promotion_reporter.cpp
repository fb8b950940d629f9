#include "promote/promotion_reporter.h"

namespace packyard {

PromotionRequest PromotionReporter::request() const {
  const PromotionOrder& order = record_.order;
  PromotionRequest request;
  request.scope = Scope{order.component, order.year, order.format, order.target};
  request.mode = order.mode;
  return request;
}

void PromotionReporter::tell(const ProgressStep& step) {
  record_.report.add(PromotionStep{step.name, step.unit, step.total, step.done, clock_.now()});
  if (const auto written = queue_.write(record_.report); !written)
    log_.warning("promotion_step_not_written", {{"id", record_.order.id.text()}, {"error", written.error().message}});
}

Result<void> PromotionReporter::finish(const Result<PromotionOutcome>& outcome) {
  PromotionReport& report = record_.report;
  if (!outcome && outcome.error().code == ErrorCode::conflict) {
    report.explain(outcome.error().message);
    return queue_.write(report);
  }
  report.finished_at = clock_.now();
  if (!outcome) {
    report.state = PromotionState::failed;
    report.explain(outcome.error().message);
    return queue_.write(report);
  }
  report.state = outcome->findings.empty() ? PromotionState::succeeded : PromotionState::refused;
  report.release = outcome->release;
  report.finished_release = outcome->finished;
  report.staged_files = outcome->staged_files;
  for (const Finding& finding : outcome->findings) report.add(PromotionFinding{finding.subject, finding.problem});
  for (const ContentChange& change : outcome->changes)
    report.add(PromotionChange{std::string(to_string(change.kind)), change.target, change.name, change.version,
                               change.architecture, change.previous_version});
  const bool found_nothing = outcome->findings.empty() && !outcome->release && record_.order.mode == PromotionMode::publish;
  if (found_nothing && report.attempts > 1)
    report.explain(
        "nothing new in staging; an earlier attempt, which was interrupted, may have published it: see packyard release list");
  else
    report.explain("");
  return queue_.write(report);
}

}  // namespace packyard
