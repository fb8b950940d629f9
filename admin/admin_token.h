// An admin token: what a client of the admin API says as "Authorization: Bearer …" when the admin asks for one
// (admin.token_file, admin.tokens). Kept in a private file of one line; the admin and `packyard keys` read the same file. Fails as
// invalid for a file that others may read or write, or whose token is short enough to guess.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

inline constexpr std::size_t admin_token_length_min = 32;

Result<Secret> read_admin_token(const std::filesystem::path& file);

}  // namespace packyard
