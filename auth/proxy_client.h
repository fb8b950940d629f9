// ProxyClient: the client's address from what the proxy says, believed only of a trusted proxy. X-Forwarded-For is read from its
// end: the trusted hops are passed over, the first other address is the client (nginx: X-Real-IP, one address). A peer that is
// not trusted is the client itself, whatever it says. Unknown when a trusted proxy says nothing, or what is no address. Reads
// the request only when asked; takes hostile bytes, allocates nothing.
#pragma once

#include <span>

#include "auth/client_address.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard {

class ProxyClient final : public ClientAddress {
 public:
  ProxyClient(ProxyFamily family, const http::Request& request, std::span<const AddressRange> trusted)
      : family_(family), request_(request), trusted_(trusted) {}
  std::optional<IpAddress> find() const noexcept override;
  std::uint64_t fingerprint() const noexcept override;

 private:
  bool is_trusted(const IpAddress& address) const;
  std::optional<IpAddress> real_ip() const;
  std::optional<IpAddress> forwarded_for() const;

  ProxyFamily family_;
  const http::Request& request_;
  std::span<const AddressRange> trusted_;
};

}  // namespace packyard
