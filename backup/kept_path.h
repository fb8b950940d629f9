// KeptPath: a name inside a backup, "public/pool/…": an area, then a path below the folder that the area stands for. Made only by
// parse(), so that no backup, whoever wrote it, names a file outside: no empty part, none that is '.' or '..', printable
// ASCII alone. A plain value.
#pragma once

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

namespace kept_area {
inline constexpr std::string_view published = "public";         // storage.published
inline constexpr std::string_view state = "state";              // storage.state
inline constexpr std::string_view keys = "keys";                // keys.db and peppers/
inline constexpr std::string_view public_keys = "public_keys";  // storage.public_keys
inline constexpr std::string_view settings = "settings";
inline constexpr std::string_view also = "also";  // below it absolute paths without their first slash
inline constexpr std::array all = {published, state, keys, public_keys, settings, also};
}  // namespace kept_area

class KeptPath {
 public:
  static Result<KeptPath> parse(std::string_view text);
  const std::string& text() const { return text_; }
  std::string_view area() const { return std::string_view(text_).substr(0, text_.find('/')); }
  std::string_view below() const { return std::string_view(text_).substr(text_.find('/') + 1); }
  auto operator<=>(const KeptPath&) const = default;

 private:
  explicit KeptPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// Whether a link at `path` with this target stays inside its area.
bool stays_inside(const KeptPath& path, std::string_view link_target);

}  // namespace packyard
