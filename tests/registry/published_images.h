// PublishedImages: a published tree with image repositories, as the press leaves it: pool, generations, releases, current.
// Manifests are any bytes with a media type; publish() makes a generation of every repository and a release, and switches to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"

namespace packyard {

inline constexpr std::string_view image_index_type = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view image_manifest_type = "application/vnd.oci.image.manifest.v1+json";

class PublishedImages {
 public:
  struct Manifest {
    std::string media_type;
    std::size_t size_bytes = 0;
    std::optional<Sha256> subject;
    std::string artifact_type;
    std::map<std::string, std::string> annotations;
  };
  struct Repository {
    std::map<std::string, Sha256> tags;
    std::map<Sha256, Manifest> manifests;
    std::map<Sha256, std::size_t> blobs;
    std::uint64_t generation = 0;
  };

  explicit PublishedImages(std::filesystem::path public_folder);

  // By name, like "core/2025/server".
  Repository& repository(const std::string& name) { return repositories_[name]; }
  Sha256 add_manifest(const std::string& name, std::string_view bytes, std::string_view media_type = image_manifest_type);
  Sha256 add_referrer(const std::string& name, std::string_view bytes, const Sha256& subject, std::string_view artifact_type,
                      std::map<std::string, std::string> annotations = {});
  Sha256 add_blob(const std::string& name, std::string_view bytes);
  void publish();
  // As retention does with what is not live.
  void remove_generation(const std::string& name, std::uint64_t number);
  void remove_release(std::uint64_t number);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path manifest_file(const std::string& name, const Sha256& digest) const;
  static std::string json_of(const std::string& name, const Repository& repository);

 private:
  std::filesystem::path folder_;
  std::map<std::string, Repository> repositories_;
  std::uint64_t release_ = 0;
};

}  // namespace packyard
