#include "programs/packyard_press/staging_place.h"

#include <algorithm>

#include "core/storage_settings.h"
#include "signer/secret_variables.h"
#include "storage/folder_object_store.h"
#include "storage/s3/s3_object_store.h"

namespace packyard {
namespace {

constexpr std::string_view default_archive = ".archive";

// The archive's folder inside staging, as a key; empty when it lies elsewhere.
std::string folder_inside(const std::filesystem::path& archive, const std::filesystem::path& staging) {
  const std::string relative = archive.lexically_normal().lexically_relative(staging.lexically_normal()).string();
  return relative.empty() || relative == "." || relative.starts_with("..") ? "" : relative;
}

Result<Secret> take_key(std::string_view variable, SecretPrivacy privacy) {
  const std::string name(variable);
  TRY_ASSIGN(const auto taken, take_secret(name, privacy, EmptyFile::refused));
  if (!taken) return fail(ErrorCode::invalid, "staging is on S3, and " + name + " is not set: set it or " + name + "_FILE");
  const std::string_view text = without_line_end(taken->secret.reveal());
  // It goes into a header, and nothing else must come with it.
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
    return fail(ErrorCode::invalid, "reading " + name + ": a key of S3 is one word of printable characters");
  return Secret(std::string(text));
}

}  // namespace

Result<StagingPlace> open_staging_place(const StorageSettings& storage) {
  StagingPlace place;
  place.clock = std::make_unique<SystemClock>();
  place.random = std::make_unique<SystemRandomSource>();
  if (storage.staging_s3) {
    TRY_ASSIGN(const Secret access_key, take_key(staging_access_key_variable, SecretPrivacy::open));
    TRY_ASSIGN(Secret secret_key, take_key(staging_secret_key_variable, SecretPrivacy::secret));
    AwsCredentials credentials{std::string(access_key.reveal()), std::move(secret_key)};
    place.staging = std::make_unique<S3ObjectStore>(*storage.staging_s3, std::move(credentials), *place.clock, *place.random);
    if (storage.archive.empty()) place.archive_folder = default_archive;
  } else {
    place.staging = std::make_unique<FolderObjectStore>(storage.staging);
    place.archive_folder = folder_inside(storage.archive, storage.staging);
  }
  if (place.archive_folder.empty()) place.archive_elsewhere = std::make_unique<FolderObjectStore>(storage.archive);
  return place;
}

}  // namespace packyard
