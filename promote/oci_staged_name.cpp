#include "promote/oci_staged_name.h"

#include <algorithm>
#include <array>
#include <utility>

namespace packyard {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> architectures = {{
    {"386", "386"},         {"amd64", "amd64"},     {"arm", "arm"},           {"arm64", "arm64"},   {"loong64", "loong64"},
    {"mips", "mips"},       {"mips64", "mips64"},   {"mips64le", "mips64le"}, {"mipsle", "mipsle"}, {"ppc64", "ppc64"},
    {"ppc64le", "ppc64le"}, {"riscv64", "riscv64"}, {"s390x", "s390x"},       {"wasm", "wasm"},     {"x86_64", "amd64"},
    {"aarch64", "arm64"},   {"armhf", "arm"},       {"armv7", "arm"},         {"armv6", "arm"},     {"i386", "386"},
    {"i686", "386"},        {"ppc64el", "ppc64le"},
}};

// [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}, and not the form cosign keeps for signatures.
bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-' || text.starts_with("sha256-"))
    return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  });
}

// The end of the name that is an architecture, with its '_': "x86_64" holds one itself.
std::string_view architecture_ending(std::string_view text) {
  for (const auto& [name, meaning] : architectures)
    if (text.size() > name.size() + 1 && text.ends_with(name) && text[text.size() - name.size() - 1] == '_') return name;
  return {};
}

}  // namespace

std::string_view image_architecture(std::string_view name) {
  const auto found = std::ranges::find(architectures, name, &std::pair<std::string_view, std::string_view>::first);
  return found == architectures.end() ? std::string_view() : found->second;
}

std::optional<OciStagedName> parse_oci_staged_name(std::string_view file_name) {
  OciStagedName name;
  std::string_view stem = file_name;
  for (const auto& [ending, kind] : {std::pair{std::string_view(".cdx.json"), OciStagedKind::cyclonedx},
                                     {std::string_view(".spdx.json"), OciStagedKind::spdx},
                                     {std::string_view(".tar"), OciStagedKind::image}}) {
    if (!file_name.ends_with(ending)) continue;
    stem.remove_suffix(ending.size());
    name.kind = kind;
    break;
  }
  if (stem.size() == file_name.size()) return std::nullopt;
  if (name.kind == OciStagedKind::image) {
    name.architecture = architecture_ending(stem);
    if (!name.architecture.empty()) {
      name.kind = OciStagedKind::platform;
      stem.remove_suffix(name.architecture.size() + 1);
    }
  }
  if (!is_tag(stem)) return std::nullopt;
  name.tag = stem;
  return name;
}

}  // namespace packyard
