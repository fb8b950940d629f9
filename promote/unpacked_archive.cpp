#include "promote/unpacked_archive.h"

#include <vector>

namespace packyard {
namespace {

enum class Parents { refused, followed };

Result<std::string> join(std::string_view folder, std::string_view name, Parents parents) {
  if (name.starts_with("/")) return fail(ErrorCode::invalid, "an absolute name");
  std::vector<std::string_view> parts;
  for (std::string_view text : {folder, name}) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, text.find('/'));
      text.remove_prefix(std::min(part.size() + 1, text.size()));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parents == Parents::followed && !parts.empty()) {
        parts.pop_back();
      } else {
        return fail(ErrorCode::invalid, "a name that leaves the archive");
      }
    }
  }
  std::string joined;
  for (const std::string_view part : parts) {
    if (!joined.empty()) joined += '/';
    joined += part;
  }
  return joined;
}

}  // namespace

const UnpackedMember* UnpackedArchive::find(std::string_view name) const {
  const auto normalised = normalise_member_name(name);
  if (!normalised) return nullptr;
  const auto link = links.find(*normalised);
  const auto member = members.find(link != links.end() ? link->second : *normalised);
  return member != members.end() ? &member->second : nullptr;
}

Result<std::string> normalise_member_name(std::string_view name) { return join({}, name, Parents::refused); }

Result<std::string> resolve_member_name(std::string_view folder, std::string_view name) {
  return join(folder, name, Parents::followed);
}

}  // namespace packyard
