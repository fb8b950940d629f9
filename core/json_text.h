// A text as a JSON string (RFC 8259), for documents that are written by hand to the byte, and a whole tree without white space
// between its parts. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "core/json_document.h"

namespace packyard {

// Quoted and escaped; bytes beyond ASCII as they are.
std::string json_text(std::string_view text);
// Numbers as they were written; parse_json() of it gives the same tree.
std::string json_text(const JsonNode& node);

}  // namespace packyard
