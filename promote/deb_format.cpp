#include "promote/deb_format.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/deb_index.h"
#include "promote/deb_package_reader.h"
#include "promote/deb_record.h"
#include "promote/deb_version.h"

namespace packyard {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

StagedKind DebFormat::classify(std::string_view file_name) const {
  return file_name.ends_with(".deb") && file_name.size() > 4 ? StagedKind::package : StagedKind::foreign;
}

Result<PackageFacts> DebFormat::inspect(const std::filesystem::path& file, std::string_view staged_name) const {
  TRY_ASSIGN(const DebPackage package, read_deb_package(file, DebDepth::whole));
  TRY_ASSIGN(PackageFacts facts, deb_facts(package.control));
  if (!deb_staged_name_fits(staged_name, facts))
    return fail(ErrorCode::invalid,
                "its control file makes it " + facts.file_name + "; stage it under that name or correct the package");
  return facts;
}

Result<const DebTargetSettings*> DebFormat::target_settings(const TargetId& target) const {
  const DebTargetSettings* found = settings_.find_deb_target(target.target.text());
  if (found == nullptr)
    return fail(ErrorCode::invalid,
                "target " + target.text() + " is not among the deb targets of config/packyard.yml; add it there");
  return found;
}

Result<void> DebFormat::check_fits(const PackageFacts& facts, const TargetId& target) const {
  TRY_ASSIGN(const DebTargetSettings* const settings, target_settings(target));
  if (facts.architecture == "all" ||
      std::ranges::find(settings->architectures, facts.architecture) != settings->architectures.end())
    return {};
  std::vector<std::string> others;
  for (const DebTargetSettings& other : settings_.deb_targets)
    if (std::ranges::find(other.architectures, facts.architecture) != other.architectures.end())
      others.push_back(other.name.text());
  return fail(ErrorCode::invalid,
              "architecture " + facts.architecture + " is not one of target " + target.target.text() + " (" +
                  joined(settings->architectures) + "); " +
                  (others.empty() ? "no target has it: add it to the target's architectures in config/packyard.yml"
                                  : "stage it under " + joined(others) + " or add it to this target's architectures"));
}

std::vector<TargetId> DebFormat::targets_listing(const PackageFacts&, const TargetId& home) const { return {home}; }

std::strong_ordering DebFormat::compare_versions(std::string_view left, std::string_view right) const {
  const auto left_version = DebVersion::parse(left), right_version = DebVersion::parse(right);
  // Both came out of inspect(), which refuses what does not parse.
  if (!left_version || !right_version) return left <=> right;
  return *left_version <=> *right_version;
}

std::string DebFormat::pool_path(const PackageFacts& facts, const TargetId& target) const {
  return tree_path::deb_package(target, facts.source_name, facts.file_name);
}

Result<FileDigest> DebFormat::seal(const std::filesystem::path& staged_copy, const FileDigest& staged,
                                   const std::filesystem::path& sealed, OpenPgpSigner&) const {
  if (link(staged_copy.c_str(), sealed.c_str()) != 0) {
    if (errno != EXDEV && errno != EPERM && errno != EMLINK)
      return fail(system_error("linking " + staged_copy.string() + " as " + sealed.string()));
    std::error_code error;
    std::filesystem::copy_file(staged_copy, sealed, error);
    if (error) return fail(system_error("copying " + staged_copy.string() + " to " + sealed.string(), error.value()));
  }
  if (chmod(sealed.c_str(), 0644) != 0) return fail(system_error("making " + sealed.string() + " readable for the web server"));
  return staged;
}

Result<std::string> DebFormat::describe(const std::filesystem::path& sealed, const PackageFacts&, const FileDigest&,
                                        const TargetId& home, Timestamp) const {
  TRY_ASSIGN(const DebTargetSettings* const settings, target_settings(home));
  TRY_ASSIGN(const DebPackage package, read_deb_package(sealed, settings->contents ? DebDepth::with_files : DebDepth::control));
  const std::string stanza = package.control.text();
  std::string files;
  for (const std::string& file : package.files) files.append(file).push_back('\n');
  return DebRecord{stanza, package.control.value("Section"), settings->contents, files}.text();
}

Result<std::string> DebFormat::merge_supplement(std::string_view file_name, std::string_view, std::string_view) const {
  return fail(ErrorCode::invalid, std::string(file_name) + ": a Debian suite has packages only");
}

Result<void> DebFormat::check_target(const TargetId& target, PackageSource& packages, const Supplements&) const {
  TRY_ASSIGN(const DebTargetSettings* const settings, target_settings(target));
  if (!settings->contents) return {};
  return packages.for_each([&](const ListedPackage& package) -> Result<void> {
    TRY_ASSIGN(const DebRecord record, DebRecord::parse(package.record));
    if (record.has_files) return {};
    return fail(ErrorCode::invalid,
                "target " + target.text() + " has contents: true, but " + package.facts.file_name +
                    " was published before that was set and its list of files was not kept; set contents: false, "
                    "or withdraw the package and publish a newer version");
  });
}

Result<BuiltGeneration> DebFormat::build(const GenerationRequest& request) const {
  TRY_ASSIGN(const DebTargetSettings* const settings, target_settings(request.target));
  return build_deb_index(request, *settings);
}

}  // namespace packyard
