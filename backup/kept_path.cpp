#include "backup/kept_path.h"

#include <algorithm>
#include <filesystem>

namespace packyard {
namespace {

constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t part_bytes_max = 255;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

bool is_part(std::string_view part) {
  return !part.empty() && part.size() <= part_bytes_max && part != "." && part != ".." && is_printable(part);
}

}  // namespace

Result<KeptPath> KeptPath::parse(std::string_view text) {
  const auto refuse = [] { return fail(ErrorCode::invalid, "not a name inside a backup"); };
  const std::size_t first = text.find('/');
  if (text.size() > path_bytes_max || first == std::string_view::npos) return refuse();
  if (std::ranges::find(kept_area::all, text.substr(0, first)) == kept_area::all.end()) return refuse();
  for (std::string_view rest = text.substr(first + 1);;) {
    const std::size_t slash = rest.find('/');
    if (!is_part(rest.substr(0, slash))) return refuse();
    if (slash == std::string_view::npos) return KeptPath(std::string(text));
    rest.remove_prefix(slash + 1);
  }
}

bool stays_inside(const KeptPath& path, std::string_view link_target) {
  if (link_target.empty() || link_target.size() > path_bytes_max || link_target.front() == '/' || !is_printable(link_target))
    return false;
  const auto target = (std::filesystem::path(path.text()).parent_path() / link_target).lexically_normal();
  return target.string().starts_with(std::string(path.area()) + "/");
}

}  // namespace packyard
