#include "promote/refresh.h"

#include "promote/release_maker.h"
#include "promote/store_session.h"

namespace packyard {

Result<ChangeOutcome> refresh(const PressParts& parts, const Scope& scope) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  ChangeOutcome outcome;
  TRY_ASSIGN(const auto live, session.catalog().release_in(ReleaseState::live));
  if (!live) return outcome;
  TRY_ASSIGN(const auto targets, session.catalog().release_targets(live->number));
  std::vector<TargetId> wanted;
  for (const auto& [target, generation] : targets) {
    const auto* suite = target.format == Format::deb ? parts.settings.find_deb_target(target.target.text()) : nullptr;
    const bool expires = suite != nullptr && suite->valid_until.has_value();
    if (scope.is_everything() ? expires : scope.covers(target)) wanted.push_back(target);
  }
  if (wanted.empty()) return outcome;
  TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts, session, ReleaseKind::refresh));
  for (const auto& target : wanted) TRY(maker.change(target));
  TRY_ASSIGN(auto made, maker.finish(std::to_string(wanted.size()) + " targets signed anew"));
  outcome.findings = std::move(made.findings);
  if (made.release) outcome.release = made.release->number;
  return outcome;
}

}  // namespace packyard
