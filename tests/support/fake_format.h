// FakeFormat: a PackageFormat with packages of four lines, for fast tests of the order of a promotion:
//   name: acme / version: 1.0 / architecture: noarch / signer: KEYID (may be left out) / source: folder in the pool (too)
// called {name}-{version}.{architecture}.rpm. noarch is listed in every sibling target of its os (text before '-').
// A package whose text holds "broken" is damaged, one with "indescribable" fits no index.
// updateinfo.xml: lines "needs NAME"; comps.xml: any text.
#pragma once

#include <vector>

#include "promote/single_file_format.h"

namespace packyard {

class FakeFormat final : public SingleFileFormat {
 public:
  explicit FakeFormat(std::vector<TargetName> targets) : targets_(std::move(targets)) {}

  static std::string package(std::string_view name, std::string_view version, std::string_view architecture,
                             std::string_view more = "");

  Format format() const override { return Format::rpm; }
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
  std::vector<TargetName> targets_;
};

}  // namespace packyard
