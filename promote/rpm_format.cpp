#include "promote/rpm_format.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/tree_path.h"
#include "core/xml/xml_document.h"
#include "promote/rpm_index.h"
#include "promote/rpm_metadata.h"
#include "promote/rpm_modules.h"
#include "promote/rpm_package_reader.h"
#include "promote/rpm_target_rules.h"
#include "promote/rpm_updateinfo.h"
#include "promote/rpm_version.h"
#include "signer/rpm_signature.h"

namespace packyard {
namespace {

constexpr std::array<std::string_view, 3> supplements = {"updateinfo.xml", "comps.xml", "modules.yaml"};

// What a target as a whole must hold, checked in one pass over its packages.
class TargetDemands {
 public:
  TargetDemands(const TargetId& target, bool has_sources) : target_(target.text()), has_sources_(has_sources) {}

  Result<void> read(const Supplements& texts) {
    if (const auto found = texts.find("modules.yaml"); found != texts.end()) {
      TRY_ASSIGN(streams_, module_streams(found->second));
    }
    const auto found = texts.find("updateinfo.xml");
    if (found == texts.end()) return {};
    TRY_ASSIGN(const auto packages, packages_in_updateinfo(found->second));
    for (const AdvisedPackage& package : packages) {
      // Advisories name the source packages too, which live in a target of their own.
      const bool is_source = package.architecture == "src" || package.architecture == "nosrc";
      if (is_source == has_sources_)
        advised_.emplace(package.name + "-" + package.version + "." + package.architecture, package.advisory);
    }
    return {};
  }

  Result<void> meet(const PackageFacts& facts) {
    advised_.erase(facts.name + "-" + facts.version + "." + facts.architecture);
    // A source package carries the label only to be rebuilt; nobody enables a stream for it.
    if (facts.modularity.empty() || has_sources_) return {};
    const std::string& label = facts.modularity;  // name:stream:version:context
    const std::size_t colon = label.find(':');
    const std::string stream = label.substr(0, colon == std::string::npos ? colon : label.find(':', colon + 1));
    if (streams_.contains(stream)) return {};
    return fail(ErrorCode::invalid, facts.file_name + " belongs to module " + stream + ", which modules.yaml of " + target_ +
                                        (streams_.empty() ? " is missing" : " does not describe") +
                                        "; stage modules.yaml with it, else dnf hides or mixes the module's packages");
  }

  Result<void> finish() const {
    if (advised_.empty()) return {};
    const auto& [package, advisory] = *advised_.begin();
    return fail(ErrorCode::invalid,
                "updateinfo.xml: advisory " + advisory + " names " + package + ", which " + target_ + " does not list" +
                    (advised_.size() > 1 ? " (and " + std::to_string(advised_.size() - 1) + " more like it)" : "") +
                    "; stage the package with it or correct the advisory");
  }

 private:
  std::string target_;
  bool has_sources_;
  std::set<std::string> streams_;
  std::map<std::string, std::string> advised_;  // package to advisory; what the target lists is taken out
};

}  // namespace

StagedKind RpmFormat::classify(std::string_view file_name) const {
  if (file_name.ends_with(".rpm") && file_name.size() > 4) return StagedKind::package;
  return std::ranges::find(supplements, file_name) != supplements.end() ? StagedKind::supplement : StagedKind::foreign;
}

Result<PackageFacts> RpmFormat::inspect(const std::filesystem::path& file, std::string_view staged_name) const {
  TRY_ASSIGN(PackageFacts facts, read_rpm_package(file));
  if (staged_name != facts.file_name)
    return fail(ErrorCode::invalid,
                "its header makes it " + facts.file_name + "; stage it under that name or correct the package");
  // A package that no index can hold (a control character in a file's name, say) is told apart now, before anything is signed. It
  // takes a fraction of what signing takes.
  TRY(make_rpm_metadata({file, {}, tree_path::rpm_location(facts.file_name), Timestamp{}}));
  return facts;
}

Result<const RpmTargetSettings*> RpmFormat::target_settings(const TargetId& target) const {
  const RpmTargetSettings* found = settings_.find_rpm_target(target.target.text());
  if (found == nullptr)
    return fail(ErrorCode::invalid,
                "target " + target.text() + " is not among the rpm targets of config/packyard.yml; add it there");
  return found;
}

Result<void> RpmFormat::check_fits(const PackageFacts& facts, const TargetId& target) const {
  TRY_ASSIGN(const RpmTargetSettings* const settings, target_settings(target));
  return check_rpm_target(facts, *settings, settings_.rpm_targets);
}

std::vector<TargetId> RpmFormat::targets_listing(const PackageFacts& facts, const TargetId& home) const {
  std::vector<TargetId> targets{home};
  const RpmTargetSettings* const settings = settings_.find_rpm_target(home.target.text());
  if (facts.architecture != "noarch" || settings == nullptr) return targets;
  for (const RpmTargetSettings& other : settings_.rpm_targets)
    if (other.os == settings->os && other.kind == settings->kind && other.name != home.target)
      targets.push_back({home.format, home.component, home.year, other.name});
  return targets;
}

std::strong_ordering RpmFormat::compare_versions(std::string_view left, std::string_view right) const {
  return compare_rpm_versions(left, right);
}

std::string RpmFormat::pool_path(const PackageFacts& facts, const TargetId& target) const {
  return tree_path::rpm_package(target, facts.file_name);
}

Result<FileDigest> RpmFormat::seal(const std::filesystem::path& staged_copy, const FileDigest&,
                                   const std::filesystem::path& sealed, OpenPgpSigner& signer) const {
  return sign_rpm(staged_copy, sealed, signer);
}

Result<std::string> RpmFormat::describe(const std::filesystem::path& sealed, const PackageFacts& facts,
                                        const FileDigest& published, const TargetId&, Timestamp published_at) const {
  const std::string location = tree_path::rpm_location(facts.file_name);
  TRY_ASSIGN(const RpmMetadata metadata, make_rpm_metadata({sealed, published, location, published_at}));
  return rpm_record(metadata.primary, metadata.filelists, metadata.other);
}

Result<std::string> RpmFormat::merge_supplement(std::string_view file_name, std::string_view previous,
                                                std::string_view staged) const {
  if (file_name == "updateinfo.xml") return merge_updateinfo(previous, staged);
  if (file_name == "modules.yaml") {
    TRY_ASSIGN([[maybe_unused]] const auto streams, module_streams(staged));
    return std::string(staged);
  }
  if (file_name != "comps.xml")
    return fail(ErrorCode::invalid, std::string(file_name) + " is not updateinfo.xml, comps.xml or modules.yaml");
  const auto groups = parse_xml(staged);
  if (!groups) return fail(groups.error().in("comps.xml"));
  if (groups->name != "comps")
    return fail(ErrorCode::invalid, "comps.xml: its root element is <" + groups->name + ">, not <comps>");
  return std::string(staged);
}

Result<void> RpmFormat::check_target(const TargetId& target, PackageSource& packages, const Supplements& texts) const {
  TRY_ASSIGN(const RpmTargetSettings* const settings, target_settings(target));
  TargetDemands demands(target, settings->kind == RpmTargetKind::source);
  TRY(demands.read(texts));
  TRY(packages.for_each([&](const ListedPackage& package) { return demands.meet(package.facts); }));
  return demands.finish();
}

Result<BuiltGeneration> RpmFormat::build(const GenerationRequest& request) const {
  TRY_ASSIGN(const RpmTargetSettings* const settings, target_settings(request.target));
  return build_rpm_index(request, *settings);
}

}  // namespace packyard
