// A request target as a stranger sends it. What is accepted must mean the same to everybody who decodes, resolves or splits it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "core/repository_path.h"

namespace {

using packyard::RepositoryArea;
using packyard::RepositoryPath;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  CHECK(c >= 'A' && c <= 'F');
  return c - 'A' + 10;
}

std::string decoded_once(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    CHECK(i + 2 < text.size());
    decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return decoded;
}

// Split as a file server would after decoding: the same number of segments, none of them special.
void check_rest(std::string_view rest) {
  const std::string decoded = decoded_once(rest);
  std::size_t raw_slashes = 0, slashes = 0;
  for (const char c : rest) raw_slashes += c == '/';
  for (const char c : decoded) {
    slashes += c == '/';
    CHECK(c > 0x20 && c < 0x7f);
    CHECK(c != '\\' && c != ';' && c != '?' && c != '#' && c != '%');
  }
  CHECK(slashes == raw_slashes);
  for (std::size_t begin = 0; begin <= decoded.size();) {
    const std::size_t slash = std::min(decoded.find('/', begin), decoded.size());
    const std::string_view segment = std::string_view(decoded).substr(begin, slash - begin);
    CHECK(segment != "." && segment != "..");
    CHECK(!segment.empty() || slash == decoded.size());
    begin = slash + 1;
  }
}

// Put together again from its parts, it is the same path: nothing was skipped, folded or guessed.
void check_round_trip(std::string_view path, const RepositoryPath& parsed) {
  std::string again = "/";
  const std::string scope = std::string(parsed.component) + "/" + std::string(parsed.year) + "/";
  const std::string target = std::string(parsed.target) + "/";
  switch (parsed.area) {
    case RepositoryArea::rpm: again += "rpm/" + scope + target; break;
    case RepositoryArea::deb_index: again += "deb/" + scope + "dists/" + target; break;
    case RepositoryArea::deb_pool: again += "deb/" + scope + "pool/" + target; break;
    case RepositoryArea::registry_ping: again += path == "/v2" ? "v2" : "v2/"; break;
    case RepositoryArea::registry: again += "v2/" + scope + target; break;
    case RepositoryArea::public_key: again += "gpg/"; break;
  }
  CHECK(again + std::string(parsed.rest) == path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(data), size);
  const auto parsed = packyard::parse_repository_path(target);
  if (!parsed) {
    CHECK(!packyard::to_string(parsed.error()).empty());
    return 0;
  }
  const std::string_view path = target.substr(0, target.find('?'));
  const bool has_scope = parsed->area != RepositoryArea::registry_ping && parsed->area != RepositoryArea::public_key;
  CHECK(has_scope == packyard::ComponentTag::accepts(parsed->component));
  CHECK(has_scope == packyard::YearTag::accepts(parsed->year));
  CHECK(has_scope == packyard::TargetTag::accepts(parsed->target));
  check_rest(parsed->rest);
  check_round_trip(path, *parsed);
  // The query never decides.
  const auto without = packyard::parse_repository_path(path);
  CHECK(without && without->component == parsed->component && without->area == parsed->area);
  return 0;
}
