// Which program a client is, by its User-Agent (RFC 9110 10.1.5), short enough to be kept: the first product that names a version,
// with the version that follows in brackets where there is one ("APT-HTTP/1.3 (2.6.1)"), or else the first product. Pure; takes
// hostile bytes, and what it gives is plain ASCII of 1 to client_bytes_max characters; what has no such form is "other".
#pragma once

#include <string>
#include <string_view>

namespace packyard {

std::string client_product(std::string_view user_agent);

}  // namespace packyard
