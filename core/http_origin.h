// HttpOrigin: where an HTTP server is reached: "https://s3.example.org", "http://127.0.0.1:9000", "http://[::1]:9000". Scheme,
// host and port alone (RFC 6454): no user, path, query or fragment; slashes at the end are passed over. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

struct HttpOrigin {
  bool is_tls = false;
  std::string host;        // in lower case, an IPv6 address in its brackets
  std::uint16_t port = 0;  // as reached: 80 or 443 where none was written

  static Result<HttpOrigin> parse(std::string_view text);
  // As a Host header has it: without the scheme's own port.
  std::string host_header() const;
  // Without a slash at the end.
  std::string url() const;
  bool operator==(const HttpOrigin&) const = default;
};

}  // namespace packyard
