// Record fields: several texts kept as one, each with its length in front ("5:hello0:3:abc"), for the catalog's opaque record
// of a package. A record that does not parse is ErrorCode::corrupt: it was ours. Pure functions.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

std::string join_record(std::initializer_list<std::string_view> fields);
// Exactly `count` fields, pointing into `record`.
Result<std::vector<std::string_view>> split_record(std::string_view record, std::size_t count);

}  // namespace packyard
