// Whether a host of a listen address can be reached from this machine only: 127.0.0.0/8 in dotted form, ::1, or localhost.
// A name that merely begins with "127." is not. Pure function.
#pragma once

#include <string>

namespace packyard {

bool is_loopback_address(const std::string& host);

}  // namespace packyard
