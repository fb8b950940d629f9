#include "promote/publication_time.h"

#include <algorithm>
#include <string>

namespace packyard {
namespace {

std::string duration_text(std::int64_t seconds) {
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86'400) return std::to_string(seconds / 3600) + " h";
  return std::to_string(seconds / 86'400) + " days";
}

// What the operator must know to choose: which of the two clocks was wrong, who notices, and the way out.
Result<Timestamp> refuse(Catalog& catalog, const ReleaseRow& last, Timestamp now) {
  TRY_ASSIGN(const auto targets, targets_dated_after(catalog, now));
  std::string affected;
  for (const auto& target : targets) affected += (affected.empty() ? "" : ", ") + target.text();
  return fail(ErrorCode::unavailable,
              "this machine's clock says " + now.rfc3339() + ", but release " + std::to_string(last.number) + " is dated " +
                  last.published_at.rfc3339() + ", " + duration_text(last.published_at.seconds - now.seconds) +
                  " later; nothing was changed. Dated after the clock: " + (affected.empty() ? "no target" : affected) +
                  ". Until that time apt refuses these (\"not valid yet\") and keeps what it had. If this machine's clock is "
                  "behind, set it and run this again. If it was ahead when release " +
                  std::to_string(last.number) +
                  " was made, run: packyard release refresh --redate (the same content, dated now), then this again");
}

}  // namespace

Result<Timestamp> take_publication_second(Clock& clock, Catalog& catalog, Dating dating) {
  TRY_ASSIGN(const auto releases, catalog.releases());
  while (true) {
    const Timestamp now = clock.now();
    if (releases.empty()) return now;
    if (dating == Dating::after_the_last && now < releases.back().published_at) return refuse(catalog, releases.back(), now);
    // A release that was dated by a wrong clock may stand between: any second that was used is passed over.
    if (std::ranges::none_of(releases, [now](const ReleaseRow& release) { return release.published_at == now; })) return now;
    clock.sleep_for(std::chrono::milliseconds(20));
  }
}

Result<std::vector<TargetId>> targets_dated_after(Catalog& catalog, Timestamp now) {
  std::vector<TargetId> later;
  TRY_ASSIGN(const auto live, catalog.release_in(ReleaseState::live));
  if (!live) return later;
  TRY_ASSIGN(const auto targets, catalog.release_targets(live->number));
  for (const auto& [target, generation] : targets) {
    TRY_ASSIGN(const Timestamp published_at, catalog.generation_date(target, generation));
    if (published_at > now) later.push_back(target);
  }
  return later;
}

}  // namespace packyard
