// HttpListener: serves a Handler on one address until stopped. Implementations: Beast (core/http/beast_listener.h) for what a
// proxy calls, Pistache (core/http/pistache_listener.h) for admin and metrics; both pass tests/conformance/http_listener_suite.
// Any parse error, oversize or timeout closes the connection: an answer never reaches another request.
#pragma once

#include <cstdint>

#include "core/result.h"

namespace packyard::http {

class HttpListener {
 public:
  virtual ~HttpListener() = default;
  // Binds and starts its threads; returns once connections are accepted.
  virtual Result<void> start() = 0;
  virtual std::uint16_t port() const = 0;  // the real one, after start
  // From now on answers say Connection: close and idle connections are closed; the socket still accepts.
  virtual void begin_drain() = 0;
  // Stops accepting, lets requests in flight end within drain_timeout_ms, then returns.
  virtual void stop() = 0;
};

}  // namespace packyard::http
