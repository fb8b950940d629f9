// PackageChecker: checks packages on disk against what the indexes promise, in several threads. Each by its size; the ones to be
// read whole also by digest, by their own signature (RPM) or control file (DEB). Used by one thread, works with several.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/names.h"
#include "verify/indexed_package.h"
#include "verify/public_keys.h"
#include "verify/published_tree.h"

namespace packyard {

enum class PackageDepth {
  whole,         // every byte
  when_changed,  // every byte of those in the candidate, existence and size of the others
};

struct PackageTask {
  Format format;
  std::string path;
  IndexedPackage package;
};

class PackageChecker {
 public:
  PackageChecker(const PublishedTree& tree, const PublicKeys& keys, Findings& findings) : tree_(tree), keys_(keys),
      findings_(findings) {}

  void check(const std::vector<PackageTask>& tasks, PackageDepth depth,
             const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t signatures() const { return signatures_; }

 private:
  class Worker;
  const PublishedTree& tree_;
  const PublicKeys& keys_;
  Findings& findings_;
  std::atomic<std::uint64_t> bytes_ = 0, signatures_ = 0;
};

}  // namespace packyard
