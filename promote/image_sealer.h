// ImageSealer: makes what customers get of one tag of an image: its manifests and blobs in the candidate's pool, a cosign
// signature for its index and each of its manifests in the forms that the settings name, its SBOMs as signed referrers, and the
// record of all that. What is published already is signed anew from its record: the same image, other signatures. Formats:
// signer/cosign_documents.h, promote/oci_documents.h. One object per image, one thread; the signer is shared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/settings.h"
#include "promote/image_record.h"
#include "promote/image_seal.h"
#include "promote/oci_image.h"
#include "promote/recorded_image.h"
#include "signer/image_signer.h"

namespace packyard {

struct StagedSbom {
  std::string_view media_type;
  std::filesystem::path file;
  FileDigest digest;
};

struct ImageToSeal {
  TargetId target;
  std::string tag;
  const OciImage& image;
  std::vector<StagedSbom> sboms;
  Timestamp published_at;
};

class ImageSealer {
 public:
  // Both roots are shaped like public/; what lies in `published` already is not written again.
  ImageSealer(const Settings& settings, ImageSigner& signer, const std::filesystem::path& candidate)
      : settings_(settings), signer_(signer), candidate_(candidate) {}

  Result<ImageRecord> seal(const ImageToSeal& wanted);
  // `image`: what the record says, without its signatures.
  // What is published, as it is, with the SBOMs that it does not have yet.
  Result<ImageRecord> attach_to(const TargetId& target, const ImageRecord& record, const std::vector<StagedSbom>& sboms,
                                Timestamp published_at);
  Result<ImageRecord> seal_again(const TargetId& target, const ImageRecord& record, RecordedImage image, Timestamp published_at);

 private:
  Result<void> begin(const TargetId& target, ImageRecord record);
  Result<void> sign_tagged(const OciDescriptor& manifest);
  Result<void> sign_untagged(const OciDescriptor& manifest);
  Result<void> sign(const OciDescriptor& manifest, const std::string& payload, const std::string& statement);
  Result<void> add_bundle(const OciDescriptor& manifest, const std::string& statement);
  Result<void> attach(const StagedSbom& sbom, const OciDescriptor& top);
  Result<void> put_blob(const std::string& bytes);
  Result<void> put_manifest(const std::string& bytes, RecordedManifest manifest);
  Result<void> put(const std::string& path, const std::string& bytes) const;
  Result<void> link(const std::string& path, const std::filesystem::path& from) const;
  bool is_published(const std::string& path) const;

  const Settings& settings_;
  ImageSigner& signer_;
  const std::filesystem::path& candidate_;
  std::optional<TargetId> target_;
  ImageSeal seal_;
  ImageRecord record_;
};

}  // namespace packyard
