// OciFormat: container images as the promoter sees them (promote/package_format.h). A package is one tag of an image repository;
// its own file in the pool is its record (promote/image_record.h), its manifests and blobs are what it holds beside it. Tags stay
// with what they were first published with, unless the settings name them floating. Keeps references to the settings and the
// signer; thread-safe. Formats: OCI image and distribution specifications 1.1.
#pragma once

#include "core/settings.h"
#include "promote/package_format.h"
#include "signer/image_signer.h"

namespace packyard {

class OciFormat final : public PackageFormat {
 public:
  // Without a signer images are refused; what is published can still be read, withdrawn and rolled back.
  OciFormat(const Settings& settings, ImageSigner* signer) : settings_(settings), signer_(signer) {}

  Format format() const override { return Format::oci; }
  StagedKind classify(std::string_view file_name) const override;
  std::string unit_of(std::string_view file_name) const override;
  std::string unit_of(const PackageFacts& facts) const override;
  std::unique_ptr<StagedSink> open_sink(const std::filesystem::path& copy, std::string_view file_name) const override;
  FileDigest identify(const StagedPackage& staged) const override;
  Result<PackageFacts> read(StagedPackage& staged) const override;
  Result<void> check_fits(const PackageFacts& facts, const TargetId& target) const override;
  std::vector<TargetId> targets_listing(const PackageFacts& facts, const TargetId& home) const override;
  std::strong_ordering compare_versions(std::string_view left, std::string_view right) const override;
  std::string pool_path(const PackageFacts& facts, const TargetId& target) const override;
  Succession succession(const PackageFacts& facts, const TargetId& target) const override;
  Result<FileDigest> seal(const SealRequest& request) const override;
  Result<std::optional<FileDigest>> reseal(const ResealRequest& request) const override;
  Result<std::string> describe(const std::filesystem::path& sealed, const PackageFacts& facts, const FileDigest& published,
                               const TargetId& home, Timestamp published_at) const override;
  Result<std::vector<HeldFile>> held_files(const TargetId& home, std::string_view record) const override;
  Result<std::string> merge_supplement(std::string_view file_name, std::string_view previous,
                                       std::string_view staged) const override;
  Result<void> check_target(const TargetId& target, PackageSource& packages, const Supplements& supplements) const override;
  Result<BuiltGeneration> build(const GenerationRequest& request) const override;

 private:
  Result<void> check_signer() const;
  const Settings& settings_;
  ImageSigner* signer_;
};

}  // namespace packyard
