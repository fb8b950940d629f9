#include "backup/backup_manifest.h"

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::uint64_t form = 1;
constexpr std::size_t line_bytes_max = 64 * 1024;

std::unexpected<Error> damaged(const std::string& why) { return fail(ErrorCode::corrupt, "the manifest is damaged: " + why); }

std::string file_line(std::string_view kind, const KeptFile& file) {
  return "{" + json_text(kind) + ":" + json_text(file.path.text()) + ",\"size\":" + std::to_string(file.size_bytes) +
         ",\"sha256\":\"" + file.sha256.hex() + "\",\"modified_ns\":" + std::to_string(file.modified_ns) + "}\n";
}

Result<std::uint64_t> number_of(const JsonNode& line, std::string_view name) {
  const JsonNode* node = line.find(name);
  if (node == nullptr || !node->whole) return damaged("a line without the number " + std::string(name));
  return *node->whole;
}

Result<std::string> text_of(const JsonNode& line, std::string_view name) {
  const JsonNode* node = line.find(name);
  if (node == nullptr || node->kind != JsonNode::Kind::text) return damaged("a line without the text " + std::string(name));
  return node->text;
}

Result<KeptPath> path_of(const JsonNode& line, std::string_view name) {
  TRY_ASSIGN(const std::string text, text_of(line, name));
  auto path = KeptPath::parse(text);
  if (!path) return damaged(path.error().message);
  return path;
}

Result<Sha256> digest_of(const JsonNode& line) {
  TRY_ASSIGN(const std::string text, text_of(line, "sha256"));
  auto digest = Sha256::parse_hex(text);
  if (!digest) return damaged(digest.error().message);
  return digest;
}

Result<KeptFile> read_file(const JsonNode& line, std::string_view kind) {
  TRY_ASSIGN(KeptPath path, path_of(line, kind));
  KeptFile file{std::move(path)};
  TRY_ASSIGN(file.size_bytes, number_of(line, "size"));
  TRY_ASSIGN(file.sha256, digest_of(line));
  TRY_ASSIGN(file.modified_ns, number_of(line, "modified_ns"));
  return file;
}

Result<void> read_line(const JsonNode& line, BackupManifest& manifest) {
  if (line.find("file") != nullptr) {
    TRY_ASSIGN(KeptFile file, read_file(line, "file"));
    manifest.files.push_back(std::move(file));
  } else if (line.find("secret") != nullptr) {
    TRY_ASSIGN(KeptFile secret, read_file(line, "secret"));
    manifest.secrets.push_back(std::move(secret));
  } else {
    TRY_ASSIGN(KeptPath path, path_of(line, "link"));
    KeptLink link{std::move(path), {}};
    TRY_ASSIGN(link.target, text_of(line, "to"));
    if (!stays_inside(link.path, link.target)) return damaged("the link " + link.path.text() + " leaves its folder");
    manifest.links.push_back(std::move(link));
  }
  return {};
}

Result<BackupManifest> read_head(const JsonNode& line) {
  TRY_ASSIGN(const std::uint64_t number, number_of(line, "packyard_backup"));
  if (number != form)
    return fail(ErrorCode::invalid,
                "the backup has form " + std::to_string(number) + ": a newer packyard made it, restore with that");
  BackupManifest manifest;
  TRY_ASSIGN(const std::string id, text_of(line, "id"));
  auto parsed = BackupId::parse(id);
  if (!parsed) return damaged(parsed.error().message);
  manifest.id = *parsed;
  TRY_ASSIGN(manifest.version, text_of(line, "version"));
  const JsonNode* sealed = line.find("sealed");
  if (sealed == nullptr || sealed->kind != JsonNode::Kind::boolean) return damaged("a first line without \"sealed\"");
  manifest.sealing = sealed->is_true ? Sealing::encrypted : Sealing::none;
  if (line.find("release") != nullptr) {
    TRY_ASSIGN(manifest.release, number_of(line, "release"));
  }
  return manifest;
}

Result<JsonNode> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || end > line_bytes_max) return damaged("it ends within a line");
  auto node = parse_json(rest.substr(0, end));
  if (!node || node->kind != JsonNode::Kind::object) return damaged("a line is no JSON object");
  rest.remove_prefix(end + 1);
  return node;
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
  std::string text = "{\"packyard_backup\":" + std::to_string(form) + ",\"id\":" + json_text(manifest.id.text()) +
                     ",\"version\":" + json_text(manifest.version) +
                     ",\"sealed\":" + (manifest.sealing == Sealing::encrypted ? "true" : "false") +
                     (manifest.release ? ",\"release\":" + std::to_string(*manifest.release) : "") + "}\n";
  for (const KeptFile& secret : manifest.secrets) text += file_line("secret", secret);
  for (const KeptFile& file : manifest.files) text += file_line("file", file);
  for (const KeptLink& link : manifest.links)
    text += "{\"link\":" + json_text(link.path.text()) + ",\"to\":" + json_text(link.target) + "}\n";
  const std::size_t lines = manifest.secrets.size() + manifest.files.size() + manifest.links.size();
  return text + "{\"end\":" + std::to_string(lines) + ",\"sha256\":\"" + sha256(text).hex() + "\"}\n";
}

Result<BackupManifest> parse_manifest(std::string_view text) {
  std::string_view rest = text;
  TRY_ASSIGN(const JsonNode head, take_line(rest));
  TRY_ASSIGN(BackupManifest manifest, read_head(head));
  for (std::uint64_t lines = 0;; ++lines) {
    const std::string_view before = text.substr(0, text.size() - rest.size());
    TRY_ASSIGN(const JsonNode line, take_line(rest));
    if (line.find("end") == nullptr) {
      TRY(read_line(line, manifest));
      continue;
    }
    TRY_ASSIGN(const std::uint64_t expected, number_of(line, "end"));
    TRY_ASSIGN(const Sha256 digest, digest_of(line));
    if (expected != lines) return damaged("it has " + std::to_string(lines) + " lines instead of " + std::to_string(expected));
    if (digest != sha256(before)) return damaged("its digest is another one");
    if (!rest.empty()) return damaged("something follows its end");
    return manifest;
  }
}

}  // namespace packyard
