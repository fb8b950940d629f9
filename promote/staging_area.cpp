#include "promote/staging_area.h"

#include <algorithm>
#include <map>

#include "promote/checksum_file.h"
#include "promote/staged_set.h"

namespace packyard {
namespace {

constexpr std::string_view checksum_ending = ".sha256";
constexpr std::string_view layout = "staged files lie in {component}/{year}/{rpm|deb|oci}/{target}/{file}";

void refuse_all(const ObjectListing& listing, std::string_view why, std::vector<Finding>& findings) {
  for (const auto& object : listing.objects) findings.push_back({object.key.text(), std::string(why)});
  for (const auto& refused : listing.refused) findings.push_back({refused.name, refused.problem});
}

void add_refused(const std::vector<RefusedObject>& refused, std::vector<Finding>& findings) {
  for (const auto& object : refused) findings.push_back({object.name, object.problem});
}

// The text of a checksum file or set.json; unset with a finding when it is too large or went away since it was listed.
Result<std::optional<std::string>> read_note(ObjectStore& store, const ObjectKey& key, std::size_t bytes_max,
                                             std::vector<Finding>& findings) {
  auto text = read_small_object(store, key, bytes_max);
  if (text) return std::move(*text);
  if (text.error().code == ErrorCode::not_found) {
    findings.push_back({key.text(), "went away while it was read: stage it again"});
  } else if (text.error().code == ErrorCode::invalid) {
    findings.push_back({key.text(), text.error().message});
  } else {
    return fail(text.error());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> StagingArea::why_unknown(const TargetId& target) const {
  const auto* component = settings_.find_component(target.component.text());
  if (component == nullptr) return "component " + target.component.text() + " is not in the settings";
  if (std::ranges::find(component->years, target.year) == component->years.end())
    return "component " + target.component.text() + " has no year " + target.year.text() + " in the settings";
  const bool known = (target.format == Format::rpm && settings_.find_rpm_target(target.target.text()) != nullptr) ||
                     (target.format == Format::deb && settings_.find_deb_target(target.target.text()) != nullptr) ||
                     (target.format == Format::oci && settings_.find_oci_target(target.target.text()) != nullptr);
  if (!known) return std::string(to_string(target.format)) + " target " + target.target.text() + " is not in the settings";
  return std::nullopt;
}

Result<StagedList> StagingArea::read(const Scope& scope) {
  StagedList list;
  if (scope.component) {
    TRY(read_component(scope.component->text(), scope, list));
  } else {
    TRY_ASSIGN(const auto top, store_.list_level(""));
    refuse_all(top.here, std::string("not in its place: ") + std::string(layout), list.findings);
    for (const auto& folder : top.folders) {
      if (folder == archive_folder_) continue;
      TRY(read_component(folder, scope, list));
    }
  }
  std::ranges::sort(list.files, {}, [](const StagedFile& file) -> const ObjectKey& { return file.key; });
  return list;
}

// The folders between component and target, level by level, so that a narrow scope looks at nothing else.
Result<void> StagingArea::read_component(const std::string& folder, const Scope& scope, StagedList& list) {
  struct Place {
    std::string folder;
    std::size_t depth;
  };
  std::vector<Place> places = {{folder, 1}};
  while (!places.empty()) {
    const Place place = places.back();
    places.pop_back();
    if (place.depth == 4) {
      std::vector<std::string> parts;
      for (std::size_t at = 0; at <= place.folder.size();) {
        const std::size_t slash = std::min(place.folder.find('/', at), place.folder.size());
        parts.push_back(place.folder.substr(at, slash - at));
        at = slash + 1;
      }
      const auto target = TargetId::parse(parts[2] + "/" + parts[0] + "/" + parts[1] + "/" + parts[3]);
      if (!target) {
        TRY_ASSIGN(const auto inside, store_.list(place.folder));
        if (!inside.objects.empty() || !inside.refused.empty())
          list.findings.push_back({place.folder, "not a target: " + target.error().message + "; " + std::string(layout)});
        continue;
      }
      if (scope.covers(*target)) TRY(read_target(place.folder, *target, list));
      continue;
    }
    TRY_ASSIGN(const auto level, store_.list_level(place.folder));
    refuse_all(level.here, std::string("not in its place: ") + std::string(layout), list.findings);
    for (const auto& name : level.folders) {
      const bool wanted = (place.depth != 1 || !scope.year || scope.year->text() == name) &&
                          (place.depth != 2 || !scope.format || to_string(*scope.format) == name) &&
                          (place.depth != 3 || !scope.target || scope.target->text() == name);
      if (wanted) places.push_back({place.folder + "/" + name, place.depth + 1});
    }
  }
  return {};
}

// A target's folder, sorted into what is what; anything out of place is a finding.
Result<StagingArea::TargetFolder> StagingArea::sort_folder(const std::string& folder, const ObjectListing& listing,
                                                           StagedList& list) {
  TargetFolder sorted{folder, {}, {}};
  for (const auto& object : listing.objects) {
    const std::string name = object.key.text().substr(folder.size() + 1);
    if (name.find('/') != std::string::npos) {
      list.findings.push_back({object.key.text(), "lies in a folder below its target: " + std::string(layout)});
    } else if (name.front() == '.') {
      list.findings.push_back(
          {object.key.text(), "its name starts with a dot: an upload under way? Wait for it, or remove the file"});
    } else if (name == staged_set_name) {
      TRY_ASSIGN(const auto text, read_note(store_, object.key, staged_set_bytes_max, list.findings));
      if (!text) continue;
      auto parsed = parse_staged_set(*text);
      if (!parsed) list.findings.push_back({object.key.text(), parsed.error().message});
      if (parsed) sorted.set = std::move(*parsed);
      list.sets.push_back({object.key, sha256(*text)});
    } else {
      sorted.files.emplace(name, object);
    }
  }
  return sorted;
}

// From the checksum file beside it, the set, or both; unset when there is a finding instead.
Result<std::optional<StagedFile>> StagingArea::pair(const TargetFolder& folder, const std::string& name, const TargetId& target,
                                                    StagedList& list) {
  const ObjectInfo& object = folder.files.at(name);
  const auto refuse = [&](const ObjectKey& key, std::string problem) {
    list.findings.push_back({key.text(), std::move(problem)});
    return std::nullopt;
  };
  StagedFile file{object.key, target, name, object.size_bytes, {}, {}};
  std::optional<Sha256> expected;
  if (const auto beside = folder.files.find(name + std::string(checksum_ending)); beside != folder.files.end()) {
    TRY_ASSIGN(const auto text, read_note(store_, beside->second.key, checksum_file_bytes_max, list.findings));
    if (!text) return std::nullopt;
    const auto parsed = parse_checksum_file(*text, name);
    if (!parsed) return refuse(beside->second.key, parsed.error().message);
    expected = *parsed;
    file.companions.push_back({beside->second.key, sha256(*text)});
  }
  if (folder.set) {
    const auto named = folder.set->find(name);
    if (named == folder.set->end()) return refuse(object.key, "is not named in the set.json beside it");
    if (expected && *expected != named->second) return refuse(object.key, "set.json and the checksum file differ");
    expected = named->second;
  }
  if (!expected)
    return refuse(object.key,
                  "has no checksum: put " + name + ".sha256 beside it (sha256sum " + name + " > " + name + ".sha256)");
  file.expected = *expected;
  return file;
}

Result<void> StagingArea::read_target(const std::string& folder, const TargetId& target, StagedList& list) {
  TRY_ASSIGN(const auto listing, store_.list(folder));
  add_refused(listing.refused, list.findings);
  if (listing.objects.empty()) return {};
  if (const auto why = why_unknown(target)) {
    list.findings.push_back({folder, *why + ": add it to config/packyard.yml or stage elsewhere"});
    return {};
  }
  TRY_ASSIGN(const auto sorted, sort_folder(folder, listing, list));
  for (const auto& [name, object] : sorted.files) {
    if (name.ends_with(checksum_ending)) {
      if (!sorted.files.contains(name.substr(0, name.size() - checksum_ending.size())))
        list.findings.push_back({object.key.text(), "a checksum without its file: stage the file too, or remove this"});
      continue;
    }
    TRY_ASSIGN(auto file, pair(sorted, name, target, list));
    if (file) list.files.push_back(std::move(*file));
  }
  if (!sorted.set) return {};
  for (const auto& [name, digest] : *sorted.set)
    if (!sorted.files.contains(name))
      list.findings.push_back({folder + "/" + name, "is named in set.json but not staged: the set is not complete"});
  return {};
}

}  // namespace packyard
