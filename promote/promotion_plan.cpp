#include "promote/promotion_plan.h"

#include <algorithm>
#include <set>

#include "promote/gates.h"
#include "promote/store_paths.h"
#include "promote/target_content.h"
#include "signer/key_judge.h"

namespace packyard {
namespace {

class Planner {
 public:
  Planner(const PressParts& parts, Catalog& catalog, const Intake& intake, OlderVersions older)
      : parts_(parts), catalog_(catalog), intake_(intake), older_(older) {
    known_keys_ = {parts.signer.fingerprint(), parts.settings.signing.key_id, parts.settings.signing.subkey.value_or("")};
  }

  Result<PromotionPlan> run() {
    TRY(learn_served_keys());
    for (std::size_t i = 0; i < intake_.packages.size(); ++i) TRY(plan_package(i));
    for (const auto& supplement : intake_.supplements) TRY(plan_supplement(supplement));
    TRY(back_fill_new_targets());
    for (auto& [target, state] : states_) drop_beyond_policy(target, state);
    for (auto& [target, state] : states_)
      if (state.plan.is_changed()) plan_.targets.emplace(target, std::move(state.plan));
    return std::move(plan_);
  }

 private:
  struct TargetState {
    TargetPlan plan;
    std::vector<Listing> current;  // sorted
    std::map<std::pair<std::string, std::string>, std::string> newest;
    std::set<std::int64_t> listed_names;
  };

  Result<TargetState*> state_of(const TargetId& target) {
    const auto found = states_.find(target);
    if (found != states_.end()) return &found->second;
    TargetState state;
    TRY_ASSIGN(state.plan.generation, catalog_.newest_generation(target));
    TRY_ASSIGN(state.current, sorted_content(catalog_, *parts_.find_format(target.format), target, state.plan.generation));
    state.newest = newest_versions(state.current);
    for (const auto& listing : state.current) state.listed_names.insert(listing.name_id);
    return &states_.emplace(target, std::move(state)).first->second;
  }

  void refuse(const TakenPackage& package, std::string problem) {
    plan_.findings.push_back({package.key.text(), std::move(problem)});
  }

  // A key that customers are served is known too: the one before the present one, say. Read only where a signature is to be
  // judged; promote itself refuses to sign while lts.asc is missing, a dry run may come before it is there.
  Result<void> learn_served_keys() {
    const auto is_signed = [](const TakenPackage& package) { return !package.facts.signer_key_ids.empty(); };
    if (parts_.settings.signing.foreign == ForeignSignature::re_sign || std::ranges::none_of(intake_.packages, is_signed))
      return {};
    auto served = served_fingerprints(store_paths::public_key(parts_.settings));
    if (!served && served.error().code == ErrorCode::not_found) return {};
    if (!served) return fail(served.error());
    known_keys_.insert(known_keys_.end(), served->begin(), served->end());
    return {};
  }

  Result<void> plan_package(std::size_t index) {
    const TakenPackage& package = intake_.packages[index];
    const PackageFormat& format = *parts_.find_format(package.staged.home.format);
    if (auto why = gates::signer(package.facts, known_keys_, parts_.settings.signing.foreign)) refuse(package, std::move(*why));
    bool told_older = false;
    for (const auto& target : format.targets_listing(package.facts, package.staged.home)) {
      TRY_ASSIGN(auto* state, state_of(target));
      const std::string path = format.pool_path(package.facts, target);
      const auto [first, is_first] = paths_.emplace(path, index);
      if (!is_first) {
        const TakenPackage& other = intake_.packages[first->second];
        if (other.staged.identity.sha256 != package.staged.identity.sha256) {
          refuse(package, gates::same_name_twice(path, other.key.text()));
          return {};
        }
        continue;  // the same package staged under two targets that list it
      }
      TRY_ASSIGN(const bool is_joined, join_published({index, path, std::nullopt}, target, *state));
      if (is_joined) continue;
      if (package.facts.version.empty()) {
        TRY_ASSIGN(const auto known, catalog_.find_name(path));
        if (!known) {
          refuse(package, gates::nothing_to_join(package.facts, package.staged.unit));
          return {};
        }
      }
      TRY_ASSIGN(auto elsewhere, taken_elsewhere(package, target, path));
      if (elsewhere) {
        refuse(package, std::move(*elsewhere));
        return {};
      }
      TRY_ASSIGN(auto taken, catalog_.find_name(path));
      PlannedListing listing{index, path, std::nullopt, false};
      if (taken) {  // listed under another name since it was signed anew
        TRY_ASSIGN(const PublishedName in_force, catalog_.in_force(taken->id));
        taken->id = in_force.id;
        taken->state = in_force.state;
      }
      if (taken) {
        if (auto why = gates::taken_name(*taken, package.staged.identity.sha256)) {
          refuse(package, std::move(*why));
          return {};
        }
        if (state->listed_names.contains(taken->id)) continue;  // published and listed: nothing to do
        listing.name_id = taken->id;
        listing.bytes_present = taken->state == NameState::present;
      }
      if (format.succession(package.facts, target) == Succession::moves) {
        move_name(package, target, *state);
        state->plan.added.push_back(std::move(listing));
        continue;
      }
      const auto newest = state->newest.find({package.facts.name, package.facts.architecture});
      const auto newest_listed = newest == state->newest.end() ? std::nullopt : std::optional(newest->second);
      if (older_ == OlderVersions::refused && !told_older) {
        if (auto why = gates::older(format, package.facts, newest_listed, target)) {
          refuse(package, std::move(*why));
          told_older = true;
        }
      }
      const bool upgrades =
          newest_listed && format.compare_versions(package.facts.version, *newest_listed) == std::strong_ordering::greater;
      plan_.changes.push_back({upgrades ? ChangeKind::upgraded : ChangeKind::added, target.text(), package.facts.name,
                               package.facts.architecture, package.facts.version, upgrades ? *newest_listed : ""});
      state->plan.added.push_back(std::move(listing));
    }
    return {};
  }

  // Other files of the image that the name stands for already: an SBOM, with or without the image once more.
  Result<bool> join_published(PlannedListing listing, const TargetId& target, TargetState& state) {
    const PackageFacts& facts = intake_.packages[listing.package].facts;
    const PackageFormat& format = *parts_.find_format(target.format);
    if (format.succession(facts, target) == Succession::beside) return false;
    const auto published = std::ranges::find(state.current, facts.name, &Listing::name);
    if (published == state.current.end() || (!facts.version.empty() && facts.version != published->version)) return false;
    TRY_ASSIGN(const auto taken, catalog_.find_name(listing.path));
    if (taken) return false;  // these very files: published before
    listing.joins = *published;
    plan_.changes.push_back(
        {ChangeKind::resealed, target.text(), published->name, published->architecture, published->version, ""});
    state.plan.dropped.push_back(*published);
    state.plan.added.push_back(std::move(listing));
    return true;
  }

  // What the name stood for is listed no more.
  void move_name(const TakenPackage& package, const TargetId& target, TargetState& state) {
    ContentChange change{ChangeKind::added,          target.text(),         package.facts.name,
                         package.facts.architecture, package.facts.version, ""};
    for (const auto& listing : state.current) {
      if (listing.name != package.facts.name) continue;
      state.plan.dropped.push_back(listing);
      change.kind = ChangeKind::moved;
      change.previous_version = listing.version;
    }
    plan_.changes.push_back(std::move(change));
  }

  // A path may hold more than the file name (a .deb's source): another source must not give a customer's name and version, or one
  // that was withdrawn, other bytes.
  Result<std::optional<std::string>> taken_elsewhere(const TakenPackage& package, const TargetId& target,
                                                     const std::string& path) {
    const Succession succession = parts_.find_format(target.format)->succession(package.facts, target);
    if (succession == Succession::moves) return std::nullopt;
    const auto [first, is_first] = files_.try_emplace({target, package.facts.file_name}, path);
    if (!is_first && first->second != path) return gates::same_name_twice(path, first->second);
    TRY_ASSIGN(const auto names, catalog_.names_of_file(package.facts.file_name));
    const auto own = std::ranges::find(names, path, &PublishedName::path);
    std::int64_t own_in_force = 0;
    if (own != names.end()) {
      TRY_ASSIGN(const PublishedName in_force, catalog_.in_force(own->id));
      own_in_force = in_force.id;
    }
    for (const auto& name : names) {
      if (name.path == path) continue;
      TRY_ASSIGN(const PublishedName in_force, catalog_.in_force(name.id));
      if (in_force.id == own_in_force) continue;  // the same image, signed at another time
      TRY_ASSIGN(const auto targets, catalog_.targets_of_name(name.id));
      if (std::ranges::find(targets, target) == targets.end()) continue;
      if (succession == Succession::never) return gates::fixed_name(package.facts, name);
      if (auto why = gates::taken_name(name, package.staged.identity.sha256)) return why;
    }
    return std::nullopt;
  }

  Result<void> plan_supplement(const TakenSupplement& supplement) {
    const TargetId& target = supplement.staged.target;
    TRY_ASSIGN(auto* state, state_of(target));
    TRY_ASSIGN(auto texts, catalog_.supplements(target, state->plan.generation));
    const std::string& name = supplement.staged.name;
    auto merged = parts_.find_format(target.format)->merge_supplement(name, texts[name], supplement.text);
    if (!merged) {
      if (merged.error().code != ErrorCode::invalid && merged.error().code != ErrorCode::conflict) return fail(merged.error());
      plan_.findings.push_back({supplement.staged.key.text(), merged.error().message});
      return {};
    }
    if (*merged != texts[name]) state->plan.supplements[name] = std::move(*merged);
    return {};
  }

  // A target of the settings that was never published takes over what its siblings list for it too.
  Result<void> back_fill_new_targets() {
    TRY_ASSIGN(const auto known, catalog_.targets());
    std::vector<TargetId> published;
    for (const auto& target : known) {
      TRY_ASSIGN(const std::uint64_t generation, catalog_.newest_generation(target));
      if (generation > 0) published.push_back(target);
    }
    for (const auto& sibling : published) {
      if (sibling.format != Format::rpm) continue;
      for (const auto& settings : parts_.settings.rpm_targets) {
        const TargetId fresh{sibling.format, sibling.component, sibling.year, settings.name};
        if (std::ranges::find(published, fresh) == published.end()) TRY(back_fill(fresh, sibling));
      }
    }
    return {};
  }

  Result<void> back_fill(const TargetId& fresh, const TargetId& sibling) {
    const PackageFormat* format = parts_.find_format(fresh.format);
    if (format == nullptr) return {};
    TRY_ASSIGN(const std::uint64_t generation, catalog_.newest_generation(sibling));
    TRY_ASSIGN(const auto listings, catalog_.listings(sibling, generation));
    for (const auto& listing : listings) {
      PackageFacts facts;
      facts.name = listing.name;
      facts.version = listing.version;
      facts.architecture = listing.architecture;
      facts.file_name = listing.file_name;
      const auto targets = format->targets_listing(facts, sibling);
      if (std::ranges::find(targets, fresh) == targets.end()) continue;
      BackFill fill{listing, format->pool_path(facts, fresh)};
      if (!paths_.emplace(fill.path, SIZE_MAX).second) continue;
      TRY_ASSIGN(auto* state, state_of(fresh));
      plan_.changes.push_back({ChangeKind::added, fresh.text(), facts.name, facts.architecture, facts.version, ""});
      state->plan.back_filled.push_back(std::move(fill));
    }
    return {};
  }

  std::optional<std::uint32_t> keep_versions(const TargetId& target) const {
    if (const auto* rpm = target.format == Format::rpm ? parts_.settings.find_rpm_target(target.target.text()) : nullptr)
      return rpm->keep_versions;
    if (const auto* deb = target.format == Format::deb ? parts_.settings.find_deb_target(target.target.text()) : nullptr)
      return deb->keep_versions;
    return std::nullopt;
  }

  // Listed versions beyond the newest N of a name and architecture go; what is added counts among the N.
  void drop_beyond_policy(const TargetId& target, TargetState& state) {
    const auto keep = keep_versions(target);
    if (!keep) return;
    const PackageFormat& format = *parts_.find_format(target.format);
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> versions;
    for (const auto& listing : state.current) versions[{listing.name, listing.architecture}].push_back(listing.version);
    for (const auto& added : state.plan.added) {
      const auto& facts = intake_.packages[added.package].facts;
      versions[{facts.name, facts.architecture}].push_back(facts.version);
    }
    for (auto& [name, list] : versions)
      std::ranges::sort(list, [&](const auto& left, const auto& right) {
        return format.compare_versions(left, right) == std::strong_ordering::greater;
      });
    for (const auto& listing : state.current) {
      const auto& list = versions[{listing.name, listing.architecture}];
      if (list.size() <= *keep || format.compare_versions(listing.version, list[*keep - 1]) != std::strong_ordering::less)
        continue;
      plan_.changes.push_back({ChangeKind::removed, target.text(), listing.name, listing.architecture, listing.version, ""});
      state.plan.dropped.push_back(listing);
    }
  }

  const PressParts& parts_;
  Catalog& catalog_;
  const Intake& intake_;
  OlderVersions older_;
  std::vector<std::string> known_keys_;
  PromotionPlan plan_;
  std::map<TargetId, TargetState> states_;
  std::map<std::string, std::size_t> paths_;                       // planned names -> package
  std::map<std::pair<TargetId, std::string>, std::string> files_;  // planned file names -> path
};

}  // namespace

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added: return "added";
    case ChangeKind::upgraded: return "upgraded";
    case ChangeKind::removed: return "removed";
    case ChangeKind::resealed: return "resealed";
    case ChangeKind::moved: return "moved";
  }
  return "added";
}

Result<PromotionPlan> plan_promotion(const PressParts& parts, Catalog& catalog, const Intake& intake, OlderVersions older) {
  return Planner(parts, catalog, intake, older).run();
}

}  // namespace packyard
