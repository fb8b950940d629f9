// DebFormat: Debian packages as the promoter sees them (promote/package_format.h). deb(5), Debian Policy 5. A package is listed
// in the suite it was staged for, "all" in each of the suite's architectures; the bytes are published as they are (apt trusts the
// signed index). Keeps a reference to the settings; thread-safe.
#pragma once

#include "core/settings.h"
#include "promote/single_file_format.h"

namespace packyard {

class DebFormat final : public SingleFileFormat {
 public:
  explicit DebFormat(const Settings& settings) : settings_(settings) {}

  Format format() const override { return Format::deb; }
  StagedKind classify(std::string_view file_name) const override;
  Result<PackageFacts> inspect(const std::filesystem::path& file, std::string_view staged_name) const override;
  Result<void> check_fits(const PackageFacts& facts, const TargetId& target) const override;
  std::vector<TargetId> targets_listing(const PackageFacts& facts, const TargetId& home) const override;
  std::strong_ordering compare_versions(std::string_view left, std::string_view right) const override;
  std::string pool_path(const PackageFacts& facts, const TargetId& target) const override;
  using SingleFileFormat::seal;
  Result<FileDigest> seal(const std::filesystem::path& staged_copy, const FileDigest& staged, const std::filesystem::path& sealed,
                          OpenPgpSigner& signer) const override;
  Result<std::string> describe(const std::filesystem::path& sealed, const PackageFacts& facts, const FileDigest& published,
                               const TargetId& home, Timestamp published_at) const override;
  Result<std::string> merge_supplement(std::string_view file_name, std::string_view previous,
                                       std::string_view staged) const override;
  Result<void> check_target(const TargetId& target, PackageSource& packages, const Supplements& supplements) const override;
  Result<BuiltGeneration> build(const GenerationRequest& request) const override;

 private:
  Result<const DebTargetSettings*> target_settings(const TargetId& target) const;

  const Settings& settings_;
};

}  // namespace packyard
