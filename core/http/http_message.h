// HTTP as plain values, the seam between listeners (Beast, Pistache) and handlers: what was asked and what is answered.
// RFC 9112 for HTTP/1.x. Handlers are pure functions of these values; no listener type crosses this line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace packyard::http {

struct Header {
  std::string_view name;
  std::string_view value;
};

enum class Version { http_1_0, http_1_1 };

// Views into the listener's buffer: valid only during the handler's call.
struct Request {
  std::string_view method;  // as sent: "GET"
  std::string_view target;  // raw, undecoded, with query: "/auth?x=1", or absolute form
  Version version = Version::http_1_1;
  std::vector<Header> headers;  // in order, duplicates kept, names as sent
  std::string_view body;
  std::string_view peer_address;  // "127.0.0.1", "::1"
};

enum class ConnectionUse { keep, close };

struct ResponseHeader {
  std::string name;
  std::string value;
};

struct Response {
  unsigned status = 200;
  std::vector<ResponseHeader> headers;  // Content-Length, Connection and Date are the listener's
  std::string body;                     // never sent to HEAD, with 204 or 304; Content-Length is that of a GET
  ConnectionUse connection = ConnectionUse::keep;
};

// Called on listener threads, several at once; must not block or throw.
using Handler = std::function<Response(const Request&)>;

// Header lookup by exact name, ASCII case-insensitive, dash only: '_' and '.' are never folded (facts/forwardauth.md 1.8 rule 6).
bool same_header_name(std::string_view left, std::string_view right);

struct ListenerLimits {
  std::size_t header_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = 64 * 1024;
  std::uint32_t read_timeout_ms = 10'000;   // from the first byte of a request to its last
  std::uint32_t idle_timeout_ms = 120'000;  // exceeds Traefik's 90 s, so that the proxy closes idle connections
  std::uint32_t drain_timeout_ms = 10'000;
  std::uint32_t connections_max = 20'000;
  std::uint32_t stall_timeout_ms = 30'000;   // a thread that makes no progress for so long ends the process
};

}  // namespace packyard::http
