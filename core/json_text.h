// A text as a JSON string (RFC 8259), for documents that are written by hand to the byte. Pure function.
#pragma once

#include <string>
#include <string_view>

namespace packyard {

// Quoted and escaped; bytes beyond ASCII as they are.
std::string json_text(std::string_view text);

}  // namespace packyard
