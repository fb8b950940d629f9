#include "promote/oci_format.h"

#include <set>

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/image_record.h"
#include "promote/image_seal.h"
#include "promote/image_sealer.h"
#include "promote/oci_documents.h"
#include "promote/oci_index.h"
#include "promote/oci_repository_builder.h"
#include "promote/oci_staged_name.h"
#include "promote/oci_unpacker.h"
#include "promote/recorded_image.h"
#include "promote/sbom_reader.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t record_bytes_max = 64 << 20;

class UnpackedContent final : public StagedContent {
 public:
  explicit UnpackedContent(UnpackedArchive from) : archive(std::move(from)) {}
  UnpackedArchive archive;
};

class ImageContent final : public StagedContent {
 public:
  OciImage image;
  std::vector<StagedSbom> sboms;
};

class UnpackingSink final : public StagedSink {
 public:
  static std::unique_ptr<StagedSink> make(const fs::path& folder) {
    auto sink = std::unique_ptr<UnpackingSink>(new UnpackingSink);
    sink->made_ = make_folders(folder);
    sink->unpacker_ = std::make_unique<OciUnpacker>(folder);
    return sink;
  }
  Result<void> write(std::string_view bytes) override {
    TRY(made_);
    return unpacker_->write(bytes);
  }
  Result<std::shared_ptr<const StagedContent>> finish() override {
    TRY(made_);
    TRY_ASSIGN(auto archive, unpacker_->finish());
    return std::make_shared<const UnpackedContent>(std::move(archive));
  }

 private:
  UnpackingSink() = default;
  Result<void> made_;
  std::unique_ptr<OciUnpacker> unpacker_;
};

std::string tag_of(const PackageFacts& facts) { return facts.name.substr(facts.name.find(':') + 1); }

// The image's own architectures; an attestation has none.
std::string architectures_of(const OciImage& image) {
  std::set<std::string> names;
  for (const auto& manifest : image.manifests)
    if (manifest.role == OciRole::image) names.insert(manifest.platform.architecture);
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

// The name says which platform the file is; the image's own configuration decides, and must agree.
Result<void> check_platform(const StagedPart& part, const OciStagedName& name, const OciImage& image) {
  const std::string_view expected = image_architecture(name.architecture);
  const std::string found = architectures_of(image);
  if (found == expected) return {};
  return fail(ErrorCode::invalid, part.name + ": its name says " + name.architecture + ", the image inside is for " + found +
                                      ": stage it under the name of its platform");
}

Result<FileDigest> write_record(const ImageRecord& record, const fs::path& file) {
  const std::string text = image_record_text(record);
  TRY(write_new_file(file, text, FileMode::world_readable));
  return FileDigest{sha256(text), text.size()};
}

class StagedImageReader {
 public:
  explicit StagedImageReader(const StagedPackage& staged) : staged_(staged) {}

  Result<std::shared_ptr<const ImageContent>> run() {
    for (const auto& part : staged_.parts) {
      auto taken = take(part);
      if (!taken) return fail(staged_.parts.size() > 1 ? taken.error().in(part.name) : taken.error());
    }
    if (images_.empty()) return content_;  // for an image that is published
    const bool is_assembled = platforms_ > 0;
    if ((is_assembled && platforms_ < images_.size()) || (!is_assembled && images_.size() > 1))
      return fail(ErrorCode::invalid, "the tag is staged as a whole and per platform: stage either " + staged_.unit +
                                          ".tar or one " + staged_.unit + "_{architecture}.tar for each platform");
    if (is_assembled) {
      TRY_ASSIGN(content_->image, assemble_index(std::move(images_)));
    } else {
      content_->image = std::move(images_.front().image);
    }
    return content_;
  }

 private:
  Result<void> take(const StagedPart& part) {
    const auto name = parse_oci_staged_name(part.name);
    if (!name) return fail(ErrorCode::internal, part.name + " is no image");
    switch (name->kind) {
      case OciStagedKind::cyclonedx:
      case OciStagedKind::spdx: {
        const auto form = name->kind == OciStagedKind::spdx ? SbomForm::spdx : SbomForm::cyclonedx;
        TRY(check_sbom(part.copy, form));
        content_->sboms.push_back({form == SbomForm::spdx ? spdx_type : cyclonedx_type, part.copy, part.digest});
        return {};
      }
      case OciStagedKind::platform: ++platforms_; break;
      case OciStagedKind::image: break;
    }
    const auto* unpacked = dynamic_cast<const UnpackedContent*>(part.content.get());
    if (unpacked == nullptr) return fail(ErrorCode::internal, part.name + " was not unpacked");
    TRY_ASSIGN(auto image, read_oci_image(unpacked->archive));
    if (name->kind == OciStagedKind::platform) TRY(check_platform(part, *name, image));
    images_.push_back({part.name, std::move(image)});
    return {};
  }

  const StagedPackage& staged_;
  std::shared_ptr<ImageContent> content_ = std::make_shared<ImageContent>();
  std::vector<OciPart> images_;
  std::size_t platforms_ = 0;
};

}  // namespace

StagedKind OciFormat::classify(std::string_view file_name) const {
  return parse_oci_staged_name(file_name) ? StagedKind::package : StagedKind::foreign;
}

std::string OciFormat::unit_of(std::string_view file_name) const {
  const auto name = parse_oci_staged_name(file_name);
  return name ? name->tag : std::string(file_name);
}

std::string OciFormat::unit_of(const PackageFacts& facts) const { return tag_of(facts); }

std::unique_ptr<StagedSink> OciFormat::open_sink(const fs::path& copy, std::string_view file_name) const {
  const auto name = parse_oci_staged_name(file_name);
  const bool is_sbom = name && (name->kind == OciStagedKind::cyclonedx || name->kind == OciStagedKind::spdx);
  return is_sbom ? make_copying_sink(copy) : UnpackingSink::make(copy);
}

// Signatures name the repository and the tag: the same archive under another name is another package.
FileDigest OciFormat::identify(const StagedPackage& staged) const {
  std::string text = staged.home.text() + "\n";
  FileDigest identity;
  for (const auto& part : staged.parts) {
    text += part.digest.sha256.hex() + "  " + part.name + "\n";
    identity.size_bytes += part.digest.size_bytes;
  }
  identity.sha256 = sha256(text);
  return identity;
}

Result<void> OciFormat::check_signer() const {
  if (signer_ != nullptr) return {};
  return fail(ErrorCode::invalid,
              "publishing images needs the key they are signed with: set COSIGN_PRIVATE_KEY_FILE and COSIGN_PASSWORD_FILE "
              "(packyard signing-key new-cosign makes one)");
}

Result<PackageFacts> OciFormat::read(StagedPackage& staged) const {
  TRY_ASSIGN(const auto content, StagedImageReader(staged).run());
  staged.content = content;
  PackageFacts facts;
  facts.name = staged.home.target.text() + ":" + staged.unit;
  if (!content->image.manifests.empty()) facts.version = digest_text(content->image.top.digest);
  facts.architecture = architectures_of(content->image);
  facts.file_name = facts.name;
  facts.source_name = staged.identity.sha256.hex();
  return facts;
}

Result<void> OciFormat::check_fits(const PackageFacts&, const TargetId& target) const {
  if (settings_.find_oci_target(target.target.text()) != nullptr) return {};
  return fail(ErrorCode::invalid,
              "image " + target.target.text() + " is not among the oci targets of config/packyard.yml; add it there");
}

std::vector<TargetId> OciFormat::targets_listing(const PackageFacts&, const TargetId& home) const { return {home}; }

// Digests have no order: what a tag stood for before is neither older nor newer.
std::strong_ordering OciFormat::compare_versions(std::string_view, std::string_view) const { return std::strong_ordering::equal; }

std::string OciFormat::pool_path(const PackageFacts& facts, const TargetId& target) const {
  const auto staged = Sha256::parse_hex(facts.source_name);
  return tree_path::oci_image_record(target, tag_of(facts), staged ? *staged : Sha256{});
}

Succession OciFormat::succession(const PackageFacts& facts, const TargetId& target) const {
  const auto* settings = settings_.find_oci_target(target.target.text());
  return settings != nullptr && settings->is_floating(tag_of(facts)) ? Succession::moves : Succession::never;
}

Result<FileDigest> OciFormat::seal(const SealRequest& request) const {
  const auto* content = dynamic_cast<const ImageContent*>(request.staged.content.get());
  TRY(check_signer());
  if (content == nullptr || (content->image.manifests.empty() && request.joins.empty()))
    return fail(ErrorCode::internal, "sealing an image that was not read");
  ImageSealer sealer(settings_, *signer_, request.candidate);
  ImageRecord record;
  if (!request.joins.empty()) {
    TRY_ASSIGN(const ImageRecord published, parse_image_record(request.joins));
    TRY_ASSIGN(record, sealer.attach_to(request.staged.home, published, content->sboms, request.published_at));
  } else {
    const ImageToSeal wanted{request.staged.home, request.staged.unit, content->image, content->sboms, request.published_at};
    TRY_ASSIGN(record, sealer.seal(wanted));
    record.architecture = request.facts.architecture;
  }
  return write_record(record, request.sealed);
}

Result<std::optional<FileDigest>> OciFormat::reseal(const ResealRequest& request) const {
  TRY(check_signer());
  TRY_ASSIGN(const ImageRecord record, parse_image_record(request.record));
  TRY_ASSIGN(const ImageSeal seal, seal_of(settings_, *signer_, request.home));
  const bool renews = request.signatures == Signatures::renewed;
  const bool has_none = record.signatures.empty() && bundled_manifests(record).empty();
  if (is_sealed_as(record, seal) || (!renews && has_none)) return std::nullopt;
  TRY_ASSIGN(auto image, read_recorded_image(settings_.storage.published, request.home, record,
                                             renews ? Attached::kept : Attached::left_out));
  ImageRecord made;
  if (renews) {
    ImageSealer sealer(settings_, *signer_, request.candidate);
    TRY_ASSIGN(made, sealer.seal_again(request.home, record, std::move(image), request.published_at));
  } else {
    made = record;
    made.published_at = request.published_at;
    made.manifests = std::move(image.held);
    made.blobs = std::move(image.blobs);
    made.signatures.clear();
    made.key.clear();
  }
  TRY_ASSIGN(const FileDigest written, write_record(made, request.sealed));
  return written;
}

Result<std::string> OciFormat::describe(const fs::path& sealed, const PackageFacts&, const FileDigest&, const TargetId&,
                                        Timestamp) const {
  return read_small_file(sealed, record_bytes_max);
}

Result<std::vector<HeldFile>> OciFormat::held_files(const TargetId& home, std::string_view record) const {
  TRY_ASSIGN(const ImageRecord image, parse_image_record(record));
  std::vector<HeldFile> files;
  for (const auto& [digest, manifest] : image.manifests)
    files.push_back({tree_path::oci_manifest(home, digest), {digest, manifest.size_bytes}});
  for (const auto& [digest, size] : image.blobs) files.push_back({tree_path::oci_blob(home, digest), {digest, size}});
  return files;
}

Result<std::string> OciFormat::merge_supplement(std::string_view file_name, std::string_view, std::string_view) const {
  return fail(ErrorCode::invalid, std::string(file_name) + ": an image repository has images and their SBOMs only");
}

// Verify would refuse them one by one, without knowing the command that helps.
Result<void> OciFormat::check_target(const TargetId& target, PackageSource& packages, const Supplements&) const {
  if (signer_ == nullptr) return {};
  TRY_ASSIGN(const ImageSeal seal, seal_of(settings_, *signer_, target));
  std::vector<ImageRecord> records;
  std::set<Sha256> bundled;
  TRY(packages.for_each([&](const ListedPackage& package) -> Result<void> {
    TRY_ASSIGN(auto record, parse_image_record(package.record));
    bundled.merge(bundled_manifests(record));
    records.push_back(std::move(record));
    return {};
  }));
  std::erase_if(records, [&](const ImageRecord& record) { return !lacks_signatures(record, seal, bundled); });
  if (records.empty()) return {};
  const std::string count = records.size() == 1 ? "" : " and " + std::to_string(records.size() - 1) + " more";
  return fail(ErrorCode::invalid,
              "the tag " + records.front().tag + count +
                  " was signed with another key, site or image_signatures than are configured now: packyard release refresh "
                  "--images --component " +
                  target.component.text() + " --year " + target.year.text() + " --target " + target.target.text() +
                  " signs what is published anew; then repeat this command");
}

Result<BuiltGeneration> OciFormat::build(const GenerationRequest& request) const {
  return build_oci_repository(request, settings_.storage.published);
}

}  // namespace packyard
