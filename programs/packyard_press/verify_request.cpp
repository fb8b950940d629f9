#include "programs/packyard_press/verify_request.h"

#include "promote/store_paths.h"

namespace packyard {
namespace {

// What a killed promotion left half moved in: its files may lie in public/ already, the next promotion finishes it.
std::vector<std::filesystem::path> prepared_candidates(const Settings& settings) {
  std::vector<std::filesystem::path> candidates;
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(store_paths::incoming(settings), ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    std::error_code unreadable;
    if (std::filesystem::is_directory(entry->path() / "releases", unreadable)) candidates.push_back(entry->path());
  }
  return candidates;
}

}  // namespace

VerifyRequest verify_request_for(const Settings& settings) {
  VerifyRequest request;
  request.published = settings.storage.published;
  request.public_keys = store_paths::public_key(settings);
  request.image_key = store_paths::image_public_key(settings);
  request.site = settings.site;
  request.image_signatures = settings.signing.image_signatures;
  request.prepared = prepared_candidates(settings);
  return request;
}

}  // namespace packyard
