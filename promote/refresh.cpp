#include "promote/refresh.h"

#include "promote/release_maker.h"
#include "promote/store_session.h"

namespace packyard {
namespace {

Result<ChangeOutcome> publish_again(const PressParts& parts, StoreSession& session, const std::vector<TargetId>& targets,
                                    Dating dating, const std::string& done) {
  ChangeOutcome outcome;
  TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts, session, ReleaseKind::refresh, dating));
  for (const auto& target : targets) TRY(maker.change(target));
  TRY_ASSIGN(auto made, maker.finish(std::to_string(targets.size()) + " targets " + done));
  outcome.findings = std::move(made.findings);
  if (made.release) outcome.release = made.release->number;
  return outcome;
}

}  // namespace

Result<ChangeOutcome> refresh(const PressParts& parts, const Scope& scope) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  TRY_ASSIGN(const auto live, session.catalog().release_in(ReleaseState::live));
  if (!live) return ChangeOutcome{};
  TRY_ASSIGN(const auto targets, session.catalog().release_targets(live->number));
  std::vector<TargetId> wanted;
  for (const auto& [target, generation] : targets) {
    const auto* suite = target.format == Format::deb ? parts.settings.find_deb_target(target.target.text()) : nullptr;
    const bool expires = suite != nullptr && suite->valid_until.has_value();
    if (scope.is_everything() ? expires : scope.covers(target)) wanted.push_back(target);
  }
  if (wanted.empty()) return ChangeOutcome{};
  return publish_again(parts, session, wanted, Dating::after_the_last, "signed anew");
}

Result<ChangeOutcome> redate(const PressParts& parts) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  const Timestamp now = parts.clock.now();
  TRY_ASSIGN(const auto releases, session.catalog().releases());
  if (releases.empty() || releases.back().published_at <= now) return ChangeOutcome{};
  TRY_ASSIGN(const auto targets, targets_dated_after(session.catalog(), now));
  return publish_again(parts, session, targets, Dating::by_the_clock,
                       "dated anew: release " + std::to_string(releases.back().number) + " lay in the future");
}

}  // namespace packyard
