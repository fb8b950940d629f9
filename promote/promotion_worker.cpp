#include "promote/promotion_worker.h"

#include <optional>

namespace packyard {

Result<std::optional<PromotionRecord>> PromotionWorker::next() {
  TRY_ASSIGN(const auto ids, parts_.queue.ids());
  for (const PromotionId id : ids) {
    if (id <= ended_) continue;
    TRY_ASSIGN(auto record, parts_.queue.find(id));
    if (record && !is_final(record->report.state)) return record;
    ended_ = id;
  }
  return std::nullopt;
}

Result<void> PromotionWorker::give_up(PromotionReport report, const std::string& why) {
  report.state = PromotionState::failed;
  report.finished_at = parts_.clock.now();
  report.explain(why);
  parts_.log.error("promotion_given_up", {{"id", report.id.text()}, {"reason", report.reason}});
  parts_.tell_failure();
  return parts_.queue.write(report);
}

Result<WorkerTurn> PromotionWorker::take_turn() {
  TRY_ASSIGN(auto record, next());
  if (!record) return WorkerTurn::idle;
  PromotionReport& report = record->report;
  if (report.attempts >= attempts_max) {
    TRY(give_up(report, std::to_string(report.attempts) + " attempts were interrupted, the last " +
                            (report.reason.empty() ? "with the worker" : "because " + report.reason) +
                            ": look at the worker's log, then ask for it again"));
    return WorkerTurn::worked;
  }
  // Counted before it is made: a worker that is killed in it leaves the count.
  report.state = PromotionState::running;
  ++report.attempts;
  if (!report.started_at) report.started_at = parts_.clock.now();
  report.steps.clear();
  report.explain("");
  TRY(parts_.queue.write(report));
  parts_.log.info("promotion_taken", {{"id", report.id.text()}, {"attempt", report.attempts}});
  return after(report.id, parts_.attempt(report.id));
}

Result<WorkerTurn> PromotionWorker::after(PromotionId id, const Attempt& attempt) {
  TRY_ASSIGN(auto record, parts_.queue.find(id));
  if (!record) return WorkerTurn::worked;  // somebody emptied the queue
  PromotionReport& report = record->report;
  if (is_final(report.state)) {
    parts_.log.info("promotion_ended",
                    {{"id", id.text()}, {"state", to_string(report.state)}, {"release", report.release.value_or(0)}});
    TRY(parts_.queue.sweep_reports());
    return WorkerTurn::worked;
  }
  report.state = PromotionState::queued;
  if (attempt.end == AttemptEnd::ended) {
    report.explain("it " + attempt.how + " without saying why");
    parts_.log.error("promotion_interrupted", {{"id", id.text()}, {"attempt", report.attempts}, {"how", attempt.how}});
    TRY(parts_.queue.write(report));
    return WorkerTurn::worked;
  }
  --report.attempts;
  const bool is_taken = attempt.end == AttemptEnd::store_taken;
  if (is_taken && report.started_at && parts_.clock.now().seconds - report.started_at->seconds > waiting_seconds_max) {
    TRY(give_up(report, "for twelve hours it could not begin: " +
                            (report.reason.empty() ? "another command held the store" : report.reason)));
    return WorkerTurn::worked;
  }
  if (!is_taken) report.explain("the worker was stopped while it ran this; the next one takes it again");
  if (report.reason.empty()) report.explain("another command works on the release store; it is tried again when that ends");
  parts_.log.info(is_taken ? "promotion_postponed" : "promotion_stopped", {{"id", id.text()}});
  TRY(parts_.queue.write(report));
  return is_taken ? WorkerTurn::postponed : WorkerTurn::worked;
}

}  // namespace packyard
