// Reads one small file of the published tree: a regular file, whole, up to a limit; a link in its place is refused, so that
// nothing outside the tree is ever sent. not_found when it is absent, corrupt when it is no regular file or larger than the
// limit.
#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"

namespace packyard {

Result<std::string> read_published_file(const std::string& file, std::size_t limit_bytes);

}  // namespace packyard
