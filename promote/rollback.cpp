#include "promote/rollback.h"

#include <algorithm>
#include <set>

#include "promote/content_difference.h"
#include "promote/release_maker.h"
#include "promote/store_session.h"
#include "promote/target_content.h"

namespace packyard {
namespace {

using Generations = std::map<TargetId, std::uint64_t>;

std::uint64_t generation_of(const Generations& generations, const TargetId& target) {
  const auto found = generations.find(target);
  return found == generations.end() ? 0 : found->second;
}

std::set<TargetId> changed_between(const Generations& before, const Generations& after) {
  std::set<TargetId> changed;
  for (const auto& [target, generation] : after)
    if (generation_of(before, target) != generation) changed.insert(target);
  return changed;
}

class Rollback {
 public:
  Rollback(const PressParts& parts, StoreSession& session, const RollbackRequest& request)
      : parts_(parts), session_(session), catalog_(session.catalog()), request_(request) {}

  Result<ChangeOutcome> run() {
    TRY_ASSIGN(const auto live, catalog_.release_in(ReleaseState::live));
    if (!live) return fail(ErrorCode::not_found, "rolling back: nothing was published yet");
    live_ = live->number;
    TRY_ASSIGN(now_, catalog_.release_targets(live_));
    TRY(choose_release());
    TRY(refuse_to_undo_others());
    TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts_, session_, ReleaseKind::rollback));
    for (const auto& target : changes_) TRY(restore(maker, target));
    TRY_ASSIGN(auto made, maker.finish("content of release " + std::to_string(to_)));
    outcome_.from = to_;
    outcome_.findings = std::move(made.findings);
    if (made.release) outcome_.release = made.release->number;
    return std::move(outcome_);
  }

 private:
  Result<const PackageFormat*> format_of(const TargetId& target) const {
    const PackageFormat* format = parts_.find_format(target.format);
    if (format == nullptr) return fail(ErrorCode::internal, "rolling back " + target.text() + ": no such format in this program");
    return format;
  }

  // What a customer would see of a generation if it came back now.
  struct Content {
    std::set<std::int64_t> names;
    std::map<std::string, std::string> supplements;
    bool operator==(const Content&) const = default;
  };
  Result<Content> content(const TargetId& target, std::uint64_t generation) {
    Content found;
    TRY_ASSIGN(const PackageFormat* format, format_of(target));
    TRY_ASSIGN(const auto listings, content_in_force(catalog_, *format, target, generation));
    for (const auto& listing : listings) found.names.insert(listing.name_id);
    TRY_ASSIGN(found.supplements, catalog_.supplements(target, generation));
    return found;
  }

  // A new generation alone is no change: a refresh makes one of the same content.
  Result<std::set<TargetId>> scoped_changes(const Generations& then) {
    std::set<TargetId> changed;
    for (const auto& target : changed_between(then, now_)) {
      if (!request_.scope.covers(target)) continue;
      TRY_ASSIGN(const Content before, content(target, generation_of(then, target)));
      TRY_ASSIGN(const Content after, content(target, generation_of(now_, target)));
      if (before != after) changed.insert(target);
    }
    return changed;
  }

  Result<void> choose_release() {
    if (request_.to) {
      TRY_ASSIGN(const auto release, catalog_.find_release(*request_.to));
      if (!release || release->state == ReleaseState::removed)
        return fail(ErrorCode::not_found, "rolling back: there is no release " + std::to_string(*request_.to) +
                                              " (any more): packyard release list shows those that are kept");
      if (*request_.to >= live_)
        return fail(ErrorCode::invalid, "rolling back: release " + std::to_string(*request_.to) + " is not before the live one");
      to_ = *request_.to;
      TRY_ASSIGN(then_, catalog_.release_targets(to_));
      TRY_ASSIGN(changes_, scoped_changes(then_));
      if (changes_.empty())
        return fail(ErrorCode::invalid, "rolling back: the scope is the same in release " + std::to_string(to_) + " and now");
      return {};
    }
    TRY_ASSIGN(const auto releases, catalog_.releases());
    for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
      if (release->number >= live_ || release->state == ReleaseState::removed) continue;
      TRY_ASSIGN(then_, catalog_.release_targets(release->number));
      TRY_ASSIGN(changes_, scoped_changes(then_));
      if (changes_.empty()) continue;
      to_ = release->number;
      return {};
    }
    return fail(ErrorCode::not_found, "rolling back: no kept release has other content for this scope");
  }

  // Only store-wide: with a scope the vendor has said what is meant.
  Result<void> refuse_to_undo_others() {
    if (!request_.scope.is_everything() || request_.others == OtherPromotions::undone) return {};
    std::set<TargetId> meant;
    Generations before = then_;
    TRY_ASSIGN(const auto releases, catalog_.releases());
    for (const auto& release : releases) {
      if (release.number <= to_ || release.number > live_) continue;
      TRY_ASSIGN(auto after, catalog_.release_targets(release.number));
      // Signing anew and withdrawing are not undone by a rollback.
      const bool stays = release.kind == ReleaseKind::refresh || release.kind == ReleaseKind::withdrawal;
      const auto changed = stays ? std::set<TargetId>() : changed_between(before, after);
      if (meant.empty()) meant = changed;
      for (const auto& target : changed)
        if (!meant.contains(target))
          return fail(ErrorCode::invalid, "rolling back to release " + std::to_string(to_) + " would also undo release " +
                                              std::to_string(release.number) + " of " + target.text() +
                                              ": name a scope (--component, --year, --format, --target) or use --force");
      before = std::move(after);
    }
    return {};
  }

  Result<void> restore(ReleaseMaker& maker, const TargetId& target) {
    TRY_ASSIGN(const PackageFormat* format, format_of(target));
    TRY_ASSIGN(const std::uint64_t generation, maker.change(target));
    const std::uint64_t old = generation_of(then_, target);
    TRY_ASSIGN(const auto current, sorted_content(catalog_, *format, target, generation - 1));
    TRY_ASSIGN(const auto earlier, content_in_force(catalog_, *format, target, old));
    std::set<std::int64_t> names_now, names_then;
    for (const auto& listing : current) names_now.insert(listing.name_id);
    for (const auto& listing : earlier) names_then.insert(listing.name_id);
    for (const auto& listing : current)
      if (!names_then.contains(listing.name_id)) TRY(catalog_.unlist(listing.id, generation));
    for (const auto& listing : earlier)
      if (!names_now.contains(listing.name_id)) TRY(catalog_.list(target, listing.name_id, generation));
    TRY_ASSIGN(const auto supplements, catalog_.supplements(target, old));
    TRY(catalog_.replace_supplements(target, supplements, generation));
    for (auto& change : content_difference(*format, target, current, earlier)) outcome_.changes.push_back(std::move(change));
    return {};
  }

  const PressParts& parts_;
  StoreSession& session_;
  Catalog& catalog_;
  const RollbackRequest& request_;
  std::uint64_t live_ = 0, to_ = 0;
  Generations now_, then_;
  std::set<TargetId> changes_;  // targets of the scope to restore
  ChangeOutcome outcome_;
};

}  // namespace

Result<ChangeOutcome> roll_back(const PressParts& parts, const RollbackRequest& request) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  return Rollback(parts, session, request).run();
}

}  // namespace packyard
