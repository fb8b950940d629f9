// TargetVerifier: one target of a release: its link, its generation folder, its signed indexes, and that the indexes,
// contents.json and the files say the same. Collects the packages and blobs to check. One object per target, one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/clock.h"
#include "core/names.h"
#include "verify/blob_checker.h"
#include "verify/image_signature_checker.h"
#include "verify/package_checker.h"
#include "verify/published_tree.h"
#include "verify/release_reader.h"
#include "verify/signature_reader.h"

namespace packyard {

// What the verification of a tree works with, owned by the site verifier.
struct VerifyParts {
  const PublishedTree& tree;
  const PublicKeys& keys;
  SignatureReader& signatures;
  const Clock& clock;
  Findings& findings;
  const ImageTrust& images;
};

class TargetVerifier {
 public:
  TargetVerifier(const VerifyParts& parts, const TargetId& target, const ReleasedGeneration& generation)
      : parts_(parts), target_(target), generation_(generation) {}

  // The link of a release to the generation, and that contents.json has the digest the signed release.json says.
  void check_link(std::uint64_t release);
  void check_indexes();
  std::vector<PackageTask> take_packages() { return std::move(packages_); }
  std::vector<BlobTask> take_blobs() { return std::move(blobs_); }
  std::uint64_t indexes() const { return indexes_; }
  // Of an image repository.
  std::uint64_t images() const { return images_; }
  std::uint64_t image_signatures() const { return image_signatures_; }

 private:
  void check_files(const ContentsDocument& contents);
  void check_folder(const ContentsDocument& contents);
  void check_rpm(const ContentsDocument& contents);
  void check_deb(const ContentsDocument& contents);
  void check_oci(const ContentsDocument& contents);
  void compare_images(const ContentsDocument& contents, const OciRepositoryReader& reader);
  void compare_objects(const ContentsDocument& contents, const OciRepositoryReader& reader);
  void compare_packages(const ContentsDocument& contents, const IndexedPackages& listed);
  void compare_index_files(const ContentsDocument& contents, const std::set<std::string>& named, const std::string& by);
  std::optional<std::string> check_signed(const std::string& name, const std::string& signature);

  VerifyParts parts_;
  const TargetId& target_;
  const ReleasedGeneration& generation_;
  std::vector<PackageTask> packages_;
  std::vector<BlobTask> blobs_;
  std::uint64_t indexes_ = 0, images_ = 0, image_signatures_ = 0;
};

}  // namespace packyard
