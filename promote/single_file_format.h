// SingleFileFormat: what formats share whose packages are one file each (RPM, DEB): its copy is plain, its SHA-256 is its
// identity. Implementations say what a file is and how it becomes the customers' bytes. Thread-safe as PackageFormat demands.
#pragma once

#include "promote/package_format.h"

namespace packyard {

class SingleFileFormat : public PackageFormat {
 public:
  // staged_name is compared with what the package says of itself.
  virtual Result<PackageFacts> inspect(const std::filesystem::path& file, std::string_view staged_name) const = 0;
  // RPM: a signed copy; DEB: the same bytes, linked or copied. `sealed` must not exist.
  virtual Result<FileDigest> seal(const std::filesystem::path& staged_copy, const FileDigest& staged,
                                  const std::filesystem::path& sealed, OpenPgpSigner& signer) const = 0;

  std::string unit_of(std::string_view file_name) const final { return std::string(file_name); }
  std::string unit_of(const PackageFacts& facts) const final { return facts.file_name; }
  std::unique_ptr<StagedSink> open_sink(const std::filesystem::path& copy, std::string_view) const final {
    return make_copying_sink(copy);
  }
  FileDigest identify(const StagedPackage& staged) const final { return staged.parts.front().digest; }
  Result<PackageFacts> read(StagedPackage& staged) const final {
    return inspect(staged.parts.front().copy, staged.parts.front().name);
  }
  Result<FileDigest> seal(const SealRequest& request) const final {
    return seal(request.staged.parts.front().copy, request.staged.identity, request.sealed, request.signer);
  }
  Result<std::optional<FileDigest>> reseal(const ResealRequest& request) const final {
    return fail(ErrorCode::invalid, "signing packages of " + request.home.text() + " anew: a published package keeps its bytes");
  }
  Succession succession(const PackageFacts&, const TargetId&) const final { return Succession::beside; }
  Result<std::vector<HeldFile>> held_files(const TargetId&, std::string_view) const final { return std::vector<HeldFile>{}; }
};

}  // namespace packyard
