// Modules data of an RPM target (modules.yaml, a stream of modulemd documents): which module streams it describes. Plain values;
// malformed is ErrorCode::invalid with the document's number.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

// "name:stream" of every modulemd document.
Result<std::set<std::string>> module_streams(std::string_view modules_yaml);

}  // namespace packyard
