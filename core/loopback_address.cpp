#include "core/loopback_address.h"

#include <arpa/inet.h>

namespace packyard {

bool is_loopback_address(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  return host == "::1" || host == "localhost";
}

}  // namespace packyard
