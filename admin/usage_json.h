// The use of a key by day as JSON: what the admin writes, and what its clients read back. Pure functions; the parser takes hostile
// bytes. RFC 8259.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/key_usage.h"

namespace packyard {

// [{"day":"2026-01-31","requests":1,"denied":0,"first_at":"…","last_at":"…","addresses":1,"clients":["…"]},…]; a day on which
// everything was denied has null for both times; addresses stops at 256, which means so many or more; the last of the clients
// may be "other".
std::string usage_json(const std::vector<UsageDay>& days);
Result<std::vector<UsageDay>> parse_usage(std::string_view body);

}  // namespace packyard
