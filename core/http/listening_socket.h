// ListeningSocket: a bound, listening, non-blocking TCP socket. Owned by one listener; the descriptor may be waited on by
// several threads. Fails as unavailable (address in use, no permission) or invalid (no such address), naming the address.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "core/result.h"
#include "core/settings.h"

namespace packyard::http {

class ListeningSocket {
 public:
  // The port 0 is any free one.
  static Result<ListeningSocket> open(const ListenAddress& address);
  ListeningSocket() = default;
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }
  void close();

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

struct Accepted {
  int descriptor;    // non-blocking; the caller's to close
  std::string peer;  // "127.0.0.1", "::1"; an IPv4 address mapped into IPv6 is written as IPv4
};
// The next waiting connection, or the number of the error (EAGAIN when none waits).
std::expected<Accepted, int> accept_connection(int listening_descriptor);

}  // namespace packyard::http
