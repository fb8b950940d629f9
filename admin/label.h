// What may be a key's label: 1 to 200 characters of well-formed UTF-8 (RFC 3629) that are safe to show: no control characters
// (C0, DEL, C1), no line or paragraph separators, nothing that reverses the direction of text. Pure function.
#pragma once

#include <string_view>

namespace packyard {

inline constexpr int label_characters_max = 200;

bool is_label(std::string_view text);

}  // namespace packyard
