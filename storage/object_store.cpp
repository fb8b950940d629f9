#include "storage/object_store.h"

#include <algorithm>
#include <array>

namespace packyard {
namespace {

constexpr std::size_t key_bytes_max = 1024;
constexpr std::size_t segment_bytes_max = 255;
constexpr std::string_view extra_characters = "._+~^:@%=,-";

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         extra_characters.find(c) != std::string_view::npos;
}

bool is_segment(std::string_view segment) {
  if (segment.empty() || segment.size() > segment_bytes_max || segment == "." || segment == ".." || segment.front() == '-')
    return false;
  return std::ranges::all_of(segment, is_key_character);
}

}  // namespace

Result<ObjectKey> ObjectKey::parse(std::string_view text) {
  const auto refuse = [] {
    return fail(ErrorCode::invalid,
                "a name may hold only letters, digits and . _ + ~ ^ : @ % = , - (folders joined by '/'), "
                "no part may be empty, '.', '..' or start with '-', and none may be longer than 255 bytes");
  };
  if (text.empty() || text.size() > key_bytes_max) return refuse();
  std::string_view rest = text;
  while (true) {
    const std::size_t slash = rest.find('/');
    if (!is_segment(rest.substr(0, slash))) return refuse();
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  return ObjectKey(std::string(text));
}

std::string_view ObjectKey::file_name() const {
  const std::string_view text = text_;
  const std::size_t slash = text.rfind('/');
  return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

Result<std::string> read_small_object(ObjectStore& store, const ObjectKey& key, std::size_t limit_bytes) {
  TRY_ASSIGN(const auto reader, store.open(key));
  std::string bytes;
  std::array<char, 16384> block{};
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader->read(block));
    if (got == 0) return bytes;
    bytes.append(block.data(), got);
    if (bytes.size() > limit_bytes)
      return fail(ErrorCode::invalid, "reading " + key.text() + ": larger than " + std::to_string(limit_bytes) + " bytes");
  }
}

}  // namespace packyard
