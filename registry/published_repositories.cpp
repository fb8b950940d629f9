#include "registry/published_repositories.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "registry/published_file.h"

namespace packyard {
namespace {

constexpr std::size_t document_bytes_max = 64u << 20;
constexpr std::size_t link_bytes_max = 512;
constexpr std::string_view releases = "releases/";
// Releases follow each other by seconds at least: more than one change while a request looks is rare, more than these never
// happens.
constexpr int looks_max = 4;

Result<std::string> read_link(const std::string& link) {
  std::array<char, link_bytes_max> text;
  const ssize_t length = readlink(link.c_str(), text.data(), text.size());
  if (length < 0) return fail(system_error("reading the link " + link));
  if (static_cast<std::size_t>(length) == text.size()) return fail(ErrorCode::corrupt, "reading the link " + link + ": too long");
  return std::string(text.data(), static_cast<std::size_t>(length));
}

// How the press numbers folders: 000042, more digits from a million on.
bool is_number(std::string_view text) {
  return text.size() >= 6 && text.size() <= 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Error moving_on(std::string_view repository) {
  return {ErrorCode::unavailable, "looking for " + std::string(repository) + ": releases changed faster than they can be read"};
}

bool is_missing(const Error& error) { return error.code == ErrorCode::not_found; }

}  // namespace

PublishedRepositories::PublishedRepositories(std::string published_folder, std::size_t documents_max)
    : published_folder_(std::move(published_folder)), documents_max_(documents_max) {}

Result<std::shared_ptr<const RepositoryDocument>> PublishedRepositories::find(std::string_view repository) {
  std::string gone;
  for (int look = 0; look < looks_max; ++look) {
    TRY_ASSIGN(const std::string generation, live_generation(repository));
    if (auto kept = find_kept(repository, number_of(generation))) return kept;
    auto loaded = load(repository, generation);
    if (loaded) {
      keep(repository, *loaded);
      return loaded;
    }
    if (!is_missing(loaded.error())) return loaded;
    if (gone == generation) return fail(ErrorCode::corrupt, loaded.error().message);  // the live release names what is not there
    gone = generation;
  }
  return fail(moving_on(repository));
}

Result<std::string> PublishedRepositories::live_generation(std::string_view repository) const {
  std::string release;
  Error missed = moving_on(repository);
  for (int look = 0; look < looks_max; ++look) {
    const auto current = read_link(published_folder_ + "/current");
    if (!current) {
      if (!is_missing(current.error())) return fail(current.error());
      // Some file systems (fuse-overlayfs) have no link for a moment while a rename replaces it.
      missed = {ErrorCode::not_found, "nothing is released yet"};
      continue;
    }
    missed = moving_on(repository);
    if (!current->starts_with(releases) || !is_number(std::string_view(*current).substr(releases.size())))
      return fail(ErrorCode::corrupt, "reading the link " + published_folder_ + "/current: it names no release");
    const auto link = read_link(published_folder_ + "/" + *current + "/oci/" + std::string(repository));
    if (link) {
      const std::string folder = "/generations/oci/" + std::string(repository) + "/";
      const std::size_t number = link->rfind('/') + 1;
      if (!is_number(std::string_view(*link).substr(number)) || !std::string_view(*link).substr(0, number).ends_with(folder))
        return fail(ErrorCode::corrupt,
                    "reading release " + *current + ": oci/" + std::string(repository) + " names no generation");
      return link->substr(number);
    }
    // Either this release has no such repository, or it is gone because another one is live by now.
    if (!is_missing(link.error()) || release == *current) return fail(link.error());
    release = *current;
  }
  return fail(missed);
}

std::shared_ptr<const RepositoryDocument> PublishedRepositories::find_kept(std::string_view repository,
                                                                           std::uint64_t generation) {
  return shelf_.with([&](Shelf& shelf) -> std::shared_ptr<const RepositoryDocument> {
    const auto found = shelf.documents.find(repository);
    if (found == shelf.documents.end() || found->second.document->generation() != generation) return nullptr;
    found->second.last_used = ++shelf.uses;
    return found->second.document;
  });
}

Result<std::shared_ptr<const RepositoryDocument>> PublishedRepositories::load(std::string_view repository,
                                                                              const std::string& generation) const {
  const std::string file =
      published_folder_ + "/generations/oci/" + std::string(repository) + "/" + generation + "/repository.json";
  TRY_ASSIGN(const std::string json, read_published_file(file, document_bytes_max));
  auto document = RepositoryDocument::parse(json);
  if (!document) return fail(document.error().in("reading " + file));
  if (document->repository() != repository || document->generation() != number_of(generation))
    return fail(ErrorCode::corrupt, "reading " + file + ": it speaks of another repository or generation");
  return std::make_shared<const RepositoryDocument>(std::move(*document));
}

void PublishedRepositories::keep(std::string_view repository, const std::shared_ptr<const RepositoryDocument>& document) {
  shelf_.with([&](Shelf& shelf) {
    shelf.documents.insert_or_assign(std::string(repository), Kept{document, ++shelf.uses});
    if (shelf.documents.size() <= documents_max_) return;
    shelf.documents.erase(
        std::ranges::min_element(shelf.documents, {}, [](const auto& entry) { return entry.second.last_used; }));
  });
}

}  // namespace packyard
