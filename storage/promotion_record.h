// PromotionRecord: a promotion that was asked for and what became of it: the order, which its asker wrote once, and the report,
// which the worker rewrites while it goes on. Plain values with bounds; how they are kept: storage/promotion_json.h,
// storage/promotion_queue.h.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/timestamp.h"

namespace packyard {

// Promotions are numbered in the order in which they were asked for, which is the order in which they run.
struct PromotionId {
  std::uint64_t number = 0;

  auto operator<=>(const PromotionId&) const = default;
  std::string text() const;  // "prm_42"
  // Only what text() gives: digits without a leading zero, so that no other name reaches a file.
  static std::optional<PromotionId> parse(std::string_view text);
};

enum class PromotionMode { publish, dry_run };

// What is unset means all.
struct PromotionOrder {
  PromotionId id{};
  Timestamp created_at{};
  std::string requested_by{};  // name of the admin token; empty in orders of before there were names
  std::optional<ComponentName> component{};
  std::optional<Year> year{};
  std::optional<Format> format{};
  std::optional<TargetName> target{};
  PromotionMode mode = PromotionMode::publish;

  bool operator==(const PromotionOrder&) const = default;
};

enum class PromotionState {
  queued,     // waits for the worker; also after an attempt that was interrupted
  running,    // or was, when the worker was killed: the next one takes it again
  succeeded,  // published, nothing new, or a dry run without findings
  refused,    // what is staged is wrong; nothing was published
  failed,     // our own failure, wrong settings, or too many interrupted attempts
};
std::string_view to_string(PromotionState state);
std::optional<PromotionState> parse_promotion_state(std::string_view text);
// It stays as it is.
constexpr bool is_final(PromotionState state) { return state != PromotionState::queued && state != PromotionState::running; }

struct PromotionStep {
  std::string name, unit;  // "signing", "packages"; unit may be empty
  std::uint64_t total = 0, done = 0;
  Timestamp started_at{};
  bool operator==(const PromotionStep&) const = default;
};

struct PromotionFinding {
  std::string subject, problem;
  bool operator==(const PromotionFinding&) const = default;
};

struct PromotionChange {
  std::string kind, target, name, version, architecture, previous_version;
  bool operator==(const PromotionChange&) const = default;
};

// Texts are printable ASCII and line ends: they may come from names that were staged, and end in a terminal. Additions beyond the
// bounds are counted, not kept.
struct PromotionReport {
  static constexpr std::size_t steps_max = 64;
  static constexpr std::size_t list_bytes_max = 64 * 1024;  // of the findings' texts, and of the changes'
  static constexpr std::size_t text_bytes_max = 1000;
  static constexpr std::size_t reason_bytes_max = 8000;

  PromotionId id{};
  PromotionState state = PromotionState::queued;
  std::uint32_t attempts = 0;
  std::optional<Timestamp> started_at{}, finished_at{};  // of the first attempt; of the end
  std::string reason{};                                  // why it failed, or waits again
  std::optional<std::uint64_t> release{};                // that it published
  std::optional<std::uint64_t> finished_release{};       // that an interrupted command had prepared, and this one finished
  std::uint64_t staged_files = 0;
  std::vector<PromotionStep> steps{};
  std::vector<PromotionFinding> findings{};
  std::uint64_t findings_total = 0;
  std::vector<PromotionChange> changes{};
  std::uint64_t changes_total = 0;

  bool operator==(const PromotionReport&) const = default;
  void explain(std::string_view why);  // sets the reason
  // A step with the name of the last one is that one, further on.
  void add(PromotionStep step);
  void add(PromotionFinding finding);
  void add(PromotionChange change);
};

struct PromotionRecord {
  PromotionOrder order{};
  PromotionReport report{};
  bool operator==(const PromotionRecord&) const = default;
};

}  // namespace packyard
