#include "storage/promotion_queue.h"

#include <algorithm>

#include "core/durable_file.h"
#include "storage/promotion_json.h"

namespace packyard {
namespace {

constexpr std::size_t order_bytes_max = 4096;
// Both lists, twice for what JSON escapes, and the steps.
constexpr std::size_t report_bytes_max = 512 * 1024;
// Somebody else who adds holds the lock for some small files at most.
constexpr std::chrono::seconds adding_patience{10};
// The admin's own look at the lock takes no time, another worker's hold lasts.
constexpr std::chrono::milliseconds worker_patience{200};

constexpr const char* add_lock = "add.lock";
constexpr const char* worker_lock = "worker.lock";

PromotionReport damaged(PromotionId id, std::string_view what, const Error& error) {
  PromotionReport report{.id = id, .state = PromotionState::failed};
  report.explain(std::string(what) + ": " + error.message +
                 "; look at what was published (packyard release list) and ask for it again");
  return report;
}

}  // namespace

PromotionQueue::PromotionQueue(const std::filesystem::path& folder, Limits limits)
    : orders_(folder / "orders", order_bytes_max), reports_(folder / "reports", report_bytes_max), limits_(limits) {}

// None yet: it waits for its first attempt.
Result<PromotionReport> PromotionQueue::report_of(PromotionId id) const {
  const auto text = reports_.read(id);
  if (!text && text.error().code == ErrorCode::not_found) return PromotionReport{.id = id};
  if (!text && text.error().code != ErrorCode::corrupt) return fail(text.error());
  if (!text) return damaged(id, "its report is damaged", text.error());
  auto report = parse_report(*text);
  if (!report) return damaged(id, "its report is damaged", report.error());
  if (report->id != id) return damaged(id, "its report is damaged", Error{ErrorCode::corrupt, "it is another one's"});
  return report;
}

Result<std::optional<PromotionRecord>> PromotionQueue::find(PromotionId id) const {
  const auto text = orders_.read(id);
  if (!text && text.error().code == ErrorCode::not_found) return std::nullopt;
  if (!text && text.error().code != ErrorCode::corrupt) return fail(text.error());
  auto order = text ? parse_order(*text) : Result<PromotionOrder>(fail(text.error()));
  if (order && order->id != id) order = fail(ErrorCode::corrupt, "it is another one's");
  if (!order) return PromotionRecord{PromotionOrder{.id = id}, damaged(id, "its order is damaged", order.error())};
  TRY_ASSIGN(PromotionReport report, report_of(id));
  return PromotionRecord{std::move(*order), std::move(report)};
}

bool PromotionQueue::has_worker() const { return FileLock::is_held(reports_.path() / worker_lock); }

// Above every number in use, also of reports whose order is gone: an old report must never be taken for a new order's.
Result<PromotionId> PromotionQueue::next_number(const std::vector<PromotionId>& orders) const {
  TRY_ASSIGN(const auto reports, reports_.ids());
  const PromotionId last =
      std::max(orders.empty() ? PromotionId{} : orders.back(), reports.empty() ? PromotionId{} : reports.back());
  const PromotionId next{last.number + 1};
  if (!PromotionId::parse(next.text()))
    return fail(ErrorCode::corrupt, "numbering a promotion: " + last.text() + " in " + orders_.path().parent_path().string() +
                                        " is the last number there can be; remove the file");
  return next;
}

Result<PromotionRecord> PromotionQueue::add(PromotionOrder order) {
  TRY(make_folders(orders_.path()));
  auto lock = FileLock::take(orders_.path() / add_lock, adding_patience);
  if (!lock && lock.error().code == ErrorCode::conflict) return fail(ErrorCode::unavailable, lock.error().message);
  if (!lock) return fail(lock.error());
  orders_.sweep();
  TRY_ASSIGN(const auto ids, orders_.ids());
  TRY_ASSIGN(order.id, next_number(ids));
  std::vector<PromotionId> ended;
  for (const PromotionId id : ids) {
    TRY_ASSIGN(const auto record, find(id));
    if (record && is_final(record->report.state)) ended.push_back(id);
  }
  if (ids.size() - ended.size() >= limits_.waiting_max)
    return fail(ErrorCode::conflict,
                std::to_string(ids.size() - ended.size()) + " promotions wait already: let the worker take some first");
  TRY(orders_.write(order.id, order_json(order)));
  const std::size_t surplus = ended.size() - std::min(ended.size(), limits_.finished_kept);
  for (std::size_t i = 0; i < surplus; ++i) TRY(orders_.remove(ended[i]));
  PromotionReport report{.id = order.id};
  return PromotionRecord{std::move(order), std::move(report)};
}

Result<void> PromotionQueue::write(const PromotionReport& report) const { return reports_.write(report.id, report_json(report)); }

Result<FileLock> PromotionQueue::become_worker() const {
  TRY(make_folders(reports_.path()));
  auto lock = FileLock::take(reports_.path() / worker_lock, worker_patience);
  if (!lock && lock.error().code == ErrorCode::conflict)
    return fail(ErrorCode::conflict, "another worker takes the promotions of " + orders_.path().parent_path().string() +
                                         ": one is enough; end it first");
  return lock;
}

Result<void> PromotionQueue::sweep_reports() const {
  reports_.sweep();
  TRY_ASSIGN(const auto orders, orders_.ids());
  TRY_ASSIGN(const auto reports, reports_.ids());
  for (const PromotionId id : reports)
    if (!std::ranges::binary_search(orders, id)) TRY(reports_.remove(id));
  return {};
}

}  // namespace packyard
