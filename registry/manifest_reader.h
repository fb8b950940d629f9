// ManifestReader: the exact bytes of manifests, from pool/oci/{repository}/manifests/sha256/<hex>. Bytes under a digest never
// change: they are checked against size and digest when read, and the ones asked for last are kept up to a number of bytes.
// Whether a repository holds the manifest at all is asked before (RepositoryDocument). Owned by the gate, shared by its registry
// threads.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/digest.h"
#include "core/guarded.h"
#include "core/result.h"

namespace packyard {

// OCI distribution-spec 1.1 asks for 4 MiB at least.
inline constexpr std::size_t manifest_bytes_max = 8u << 20;

class ManifestReader {
 public:
  static constexpr std::size_t kept_bytes_max_default = 16u << 20;
  explicit ManifestReader(std::string published_folder, std::size_t kept_bytes_max = kept_bytes_max_default);

  // not_found when the pool has no such file; corrupt when its bytes are not what the name and the size say.
  Result<std::shared_ptr<const std::string>> read(std::string_view repository, const Sha256& digest, std::uint64_t size_bytes);

 private:
  struct Hash {
    std::size_t operator()(const Sha256& digest) const;
  };
  struct Kept {
    Sha256 digest;
    std::shared_ptr<const std::string> bytes;
  };
  struct Shelf {
    std::list<Kept> kept;  // asked for last first
    std::unordered_map<Sha256, std::list<Kept>::iterator, Hash> places;
    std::size_t bytes = 0;
  };

  std::shared_ptr<const std::string> find_kept(const Sha256& digest);
  void keep(const Sha256& digest, const std::shared_ptr<const std::string>& bytes);

  const std::string published_folder_;
  const std::size_t kept_bytes_max_;
  Guarded<Shelf> shelf_;
};

}  // namespace packyard
