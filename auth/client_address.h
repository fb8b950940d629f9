// ClientAddress: where a request came from, looked for only when a decision needs it. Implementations: ProxyClient
// (auth/proxy_client.h), and a fixed one for questions that no request stands behind.
#pragma once

#include <optional>

#include "core/address_range.h"

namespace packyard {

class ClientAddress {
 public:
  virtual ~ClientAddress() = default;
  // Nothing when it cannot be known; never a guess.
  virtual std::optional<IpAddress> find() const noexcept = 0;
};

class KnownClient final : public ClientAddress {
 public:
  explicit KnownClient(std::optional<IpAddress> address) : address_(address) {}
  std::optional<IpAddress> find() const noexcept override { return address_; }

 private:
  std::optional<IpAddress> address_;
};

}  // namespace packyard
