#include "storage/promotion_record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/hex.h"

namespace packyard {
namespace {

constexpr std::string_view id_prefix = "prm_";
constexpr std::size_t id_digits_max = 15;

constexpr std::array<std::pair<PromotionState, std::string_view>, 5> states = {{{PromotionState::queued, "queued"},
                                                                                {PromotionState::running, "running"},
                                                                                {PromotionState::succeeded, "succeeded"},
                                                                                {PromotionState::refused, "refused"},
                                                                                {PromotionState::failed, "failed"}}};

bool is_plain(char c) { return (c >= 0x20 && c < 0x7f) || c == '\n'; }

// Again it gives the same: what was cut is not cut once more.
std::string shown(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view cut = "...";
  if (text.size() <= bytes_max + cut.size() && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string safe;
  for (const char c : text) {
    if (safe.size() + (is_plain(c) ? 1 : 4) > bytes_max) return safe + std::string(cut);
    if (is_plain(c))
      safe += c;
    else
      append_hex(safe += "\\x", static_cast<unsigned char>(c));
  }
  return safe;
}

void show(std::string& text) { text = shown(text, PromotionReport::text_bytes_max); }

std::size_t size_of(const PromotionFinding& finding) { return finding.subject.size() + finding.problem.size(); }
std::size_t size_of(const PromotionChange& change) {
  return change.kind.size() + change.target.size() + change.name.size() + change.version.size() + change.architecture.size() +
         change.previous_version.size();
}

template <class Item>
void add_within(std::vector<Item>& items, std::uint64_t& total, Item item) {
  // What came first explains most, and a list with holes would mislead.
  if (++total != items.size() + 1) return;
  constexpr std::size_t markup_bytes = 100;  // of an item, about, as JSON
  std::size_t bytes = size_of(item) + markup_bytes;
  for (const Item& other : items) bytes += size_of(other) + markup_bytes;
  if (bytes <= PromotionReport::list_bytes_max) items.push_back(std::move(item));
}

}  // namespace

std::string PromotionId::text() const { return std::string(id_prefix) + std::to_string(number); }

std::optional<PromotionId> PromotionId::parse(std::string_view text) {
  if (!text.starts_with(id_prefix)) return std::nullopt;
  text.remove_prefix(id_prefix.size());
  if (text.empty() || text.size() > id_digits_max || text.front() == '0') return std::nullopt;
  PromotionId id;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), id.number);
  if (failure != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
  return id;
}

std::string_view to_string(PromotionState state) {
  const auto* const found = std::ranges::find(states, state, &std::pair<PromotionState, std::string_view>::first);
  return found != states.end() ? found->second : "failed";
}

std::optional<PromotionState> parse_promotion_state(std::string_view text) {
  const auto* const found = std::ranges::find(states, text, &std::pair<PromotionState, std::string_view>::second);
  return found != states.end() ? std::optional(found->first) : std::nullopt;
}

void PromotionReport::explain(std::string_view why) { reason = shown(why, reason_bytes_max); }

void PromotionReport::add(PromotionStep step) {
  show(step.name);
  show(step.unit);
  if (!steps.empty() && steps.back().name == step.name) {
    step.started_at = steps.back().started_at;
    steps.back() = std::move(step);
  } else if (steps.size() < steps_max) {
    steps.push_back(std::move(step));
  }
}

void PromotionReport::add(PromotionFinding finding) {
  show(finding.subject);
  show(finding.problem);
  add_within(findings, findings_total, std::move(finding));
}

void PromotionReport::add(PromotionChange change) {
  for (std::string* text :
       {&change.kind, &change.target, &change.name, &change.version, &change.architecture, &change.previous_version})
    show(*text);
  add_within(changes, changes_total, std::move(change));
}

}  // namespace packyard
