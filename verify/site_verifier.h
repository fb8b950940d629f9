// SiteVerifier: reads a published tree (or a candidate laid over it) as a customer would, with its own readers and public keys
// only, and lists what is wrong. Shares no code with promote; writes nothing. Used by promote before the switch, by
// `packyard verify` and by tests. One call at a time per object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/command_runner.h"
#include "core/names.h"
#include "core/result.h"
#include "core/settings.h"

namespace packyard {

struct Finding {
  std::string subject;  // the file or target, below public/
  std::string problem;  // what is wrong, in words
};

enum class VerifyDepth {
  changed,  // every index of the targets named; packages: those under the candidate whole, the others by existence and size
  full,     // every index and every byte of every listed file, and nothing reachable that no retained release lists
};

struct VerifyRequest {
  std::filesystem::path published;                 // public/
  std::optional<std::filesystem::path> candidate;  // incoming/N, shaped like public/, wins over published
  std::vector<std::filesystem::path> prepared;     // other candidates (incoming/*): what they list may lie in published already
  std::optional<std::uint64_t> release;            // unset: what `current` points to
  std::filesystem::path public_keys;               // lts.asc as customers get it
  std::filesystem::path image_key;                 // cosign.pub as customers get it; read when the release has images
  std::string site;                                // the host that the references in images' signatures name
  // The forms in which every image must be signed.
  std::vector<ImageSignature> image_signatures{ImageSignature::legacy, ImageSignature::bundle};
  VerifyDepth depth = VerifyDepth::full;
  std::set<TargetId> targets;                                             // depth changed: these only; none named: all
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  // may be empty
};

struct VerifyReport {
  std::vector<Finding> findings;  // empty: all is well
  std::uint64_t targets = 0, indexes = 0, packages = 0, bytes = 0, signatures = 0;
};

class SiteVerifier {
 public:
  SiteVerifier(CommandRunner& runner, const Clock& clock) : runner_(runner), clock_(clock) {}
  // An Error only when the tree could not be read at all; everything else is a finding.
  Result<VerifyReport> verify(const VerifyRequest& request);

 private:
  CommandRunner& runner_;
  const Clock& clock_;
};

}  // namespace packyard
