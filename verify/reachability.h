// Reachability: everything under pool/ and index/ can be fetched by whoever knows its name, so nothing may lie there that no
// retained release lists. Retained are all folders in releases/ (one newer than `current` is a prepared one) and candidates that a
// killed promotion left half moved in. One object per run, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "verify/target_verifier.h"

namespace packyard {

class Reachability {
 public:
  explicit Reachability(const VerifyParts& parts) : parts_(parts) {}

  // Lists what one release lists; its signature is checked, so that nobody hides a file by adding a release.
  void add_release(const PublishedTree& tree, std::uint64_t release);
  // All releases of a tree.
  void add_releases(const PublishedTree& tree);
  void check();

 private:
  VerifyParts parts_;
  std::unordered_set<std::string> listed_;
  std::set<std::string> generations_seen_;  // path and digest of each contents.json read
};

// release.json of a tree with its signature checked; problems become findings and give nothing.
std::optional<ReleaseDocument> read_signed_release(const VerifyParts& parts, const PublishedTree& tree, std::uint64_t release);

}  // namespace packyard
