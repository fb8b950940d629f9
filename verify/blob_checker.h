// BlobChecker: checks blobs of image repositories on disk against what the repositories promise, in several threads. Each by its
// size; the ones to be read whole also by digest and, for layers, by the digest of what they unpack to (an image's configuration
// names it). Bytes that several repositories share are read once; memory does not grow with them. Used by one thread, works with
// several.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "verify/input_decompressor.h"
#include "verify/package_checker.h"
#include "verify/published_tree.h"

namespace packyard {

// That a layer, unpacked, has this digest.
struct LayerPromise {
  Packing packing = Packing::none;
  Sha256 diff_id;
  std::string manifest;  // path of the one that says so
  bool is_new = false;   // nothing published before says so: checked at any depth
};

struct BlobTask {
  std::string path;
  FileDigest promised;
  std::vector<LayerPromise> layers;
};

class BlobChecker {
 public:
  BlobChecker(const PublishedTree& tree, Findings& findings) : tree_(tree), findings_(findings) {}

  void check(const std::vector<BlobTask>& tasks, PackageDepth depth,
             const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct Reading;  // one file with all that is promised about it
  std::vector<Reading> choose(const std::vector<BlobTask>& tasks, PackageDepth depth);
  void read(const Reading& reading) const;

  const PublishedTree& tree_;
  Findings& findings_;
  std::uint64_t bytes_ = 0;
};

}  // namespace packyard
