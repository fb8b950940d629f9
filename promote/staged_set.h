// Reads set.json, uploaded last into a target's staging folder: {"files":[{"name":"acme_1.0_amd64.deb","sha256":"…"}]}. It makes
// the staged files of that target one set: all of them and no others. A file named in it needs no .sha256 of its own.
// Anything else in it, a name twice or a name with a folder is invalid. A pure function.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/result.h"

namespace packyard {

inline constexpr std::string_view staged_set_name = "set.json";
inline constexpr std::size_t staged_set_bytes_max = 16 << 20;

Result<std::map<std::string, Sha256>> parse_staged_set(std::string_view text);

}  // namespace packyard
