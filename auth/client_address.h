// ClientAddress: where a request came from, looked for only when a decision needs it. Implementations: ProxyClient
// (auth/proxy_client.h), and a fixed one for questions that no request stands behind.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "core/address_range.h"

namespace packyard {

class ClientAddress {
 public:
  virtual ~ClientAddress() = default;
  // Nothing when it cannot be known; never a guess.
  virtual std::optional<IpAddress> find() const noexcept = 0;
  // Of what find() would read: the same for the same, cheaper than finding. Not for judging: a client can make two of his agree.
  virtual std::uint64_t fingerprint() const noexcept = 0;
};

class KnownClient final : public ClientAddress {
 public:
  explicit KnownClient(std::optional<IpAddress> address) : address_(address) {}
  std::optional<IpAddress> find() const noexcept override { return address_; }
  std::uint64_t fingerprint() const noexcept override {
    if (!address_) return 0;
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(address_->bytes.data()), address_->bytes.size()});
  }

 private:
  std::optional<IpAddress> address_;
};

}  // namespace packyard
