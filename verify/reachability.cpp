#include "verify/reachability.h"

#include <fstream>

#include "verify/tree_grammar.h"

namespace packyard {
namespace {

constexpr std::size_t release_bytes_max = 64 * 1024 * 1024;

}  // namespace

std::optional<ReleaseDocument> read_signed_release(const VerifyParts& parts, const PublishedTree& tree, std::uint64_t release) {
  const std::string path = tree_grammar::release_folder(release) + "/release.json";
  const auto file = tree.find(path), signature = tree.find(path + ".asc");
  if (!parts.findings.accept(path, file) || !parts.findings.accept(path + ".asc", signature)) return std::nullopt;
  if (!parts.findings.accept(path, parts.signatures.check_detached(signature->real, file->real))) return std::nullopt;
  const auto text = tree.read(path, release_bytes_max);
  if (!parts.findings.accept(path, text)) return std::nullopt;
  auto document = read_release_document(*text);
  if (!parts.findings.accept(path, document)) return std::nullopt;
  if (document->release != release) {
    parts.findings.add(path, "says it is release " + std::to_string(document->release));
    return std::nullopt;
  }
  return std::move(*document);
}

void Reachability::add_release(const PublishedTree& tree, std::uint64_t release) {
  const auto document = read_signed_release(parts_, tree, release);
  if (!document) return;
  for (const auto& [target, generation] : document->targets) {
    const std::string path = tree_grammar::generation_folder(target, generation.generation) + "contents.json";
    if (!generations_seen_.insert(path + generation.contents_sha256.hex()).second) continue;
    const auto file = tree.find(path);
    if (!parts_.findings.accept(path, file)) continue;
    const auto digest = tree.digest(*file);
    if (!parts_.findings.accept(path, digest)) continue;
    if (digest->sha256 != generation.contents_sha256) {
      parts_.findings.add(path, "has another SHA-256 than the signed release.json of release " + std::to_string(release) +
                          " says");
      continue;
    }
    std::ifstream stream(file->real, std::ios::binary);
    const auto contents = read_contents_document(stream);
    if (!parts_.findings.accept(path, contents)) continue;
    for (const auto& [name, promised] : contents->files)
      if (name.starts_with("index/")) listed_.insert(name);
    for (const auto& [name, package] : contents->packages) listed_.insert(name);
    for (const auto& [name, promised] : contents->objects) listed_.insert(name);
  }
}

void Reachability::add_releases(const PublishedTree& tree) {
  const auto names = tree.list("releases");
  if (!parts_.findings.accept("releases", names)) return;
  for (const std::string& name : *names) {
    const auto number = tree_grammar::parse_number(name);
    if (!number) {
      parts_.findings.add("releases/" + name, "is no release folder");
      continue;
    }
    add_release(tree, *number);
  }
}

void Reachability::check() {
  for (const char* folder : {"index", "pool"}) {
    const auto outcome = parts_.tree.walk(folder, [&](const std::string& path) {
      if (!listed_.contains(path)) parts_.findings.add(path, "is there, but no retained release lists it");
    });
    parts_.findings.accept(folder, outcome);
  }
}

}  // namespace packyard
