// PublishedRepositories: the image repositories of the release that is live now: public/current → releases/N → its link to a
// generation → repository.json. Two readlinks a request; a document is read and parsed once per generation and kept, the least
// used ones are dropped beyond a number. When retention removes what a link just named, the links are read once more.
// Owned by the gate, shared by its registry threads. The same release that nginx follows (ARCHITECTURE.md, "The front").
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/guarded.h"
#include "core/result.h"
#include "registry/repository_document.h"

namespace packyard {

class PublishedRepositories {
 public:
  static constexpr std::size_t documents_max_default = 256;
  explicit PublishedRepositories(std::string published_folder, std::size_t documents_max = documents_max_default);

  // repository: "core/2025/server", of a parsed request. not_found: the live release has none of that name.
  Result<std::shared_ptr<const RepositoryDocument>> find(std::string_view repository);

 private:
  struct Kept {
    std::shared_ptr<const RepositoryDocument> document;
    std::uint64_t last_used = 0;
  };
  struct Shelf {
    std::map<std::string, Kept, std::less<>> documents;  // by repository, the generation asked for last
    std::uint64_t uses = 0;
  };

  // "000003", as the live release's link says.
  Result<std::string> live_generation(std::string_view repository) const;
  std::shared_ptr<const RepositoryDocument> find_kept(std::string_view repository, std::uint64_t generation);
  Result<std::shared_ptr<const RepositoryDocument>> load(std::string_view repository, const std::string& generation) const;
  void keep(std::string_view repository, const std::shared_ptr<const RepositoryDocument>& document);

  const std::string published_folder_;
  const std::size_t documents_max_;
  Guarded<Shelf> shelf_;
};

}  // namespace packyard
