#include "auth/proxy_client.h"

#include <algorithm>
#include <functional>
#include <ranges>

namespace packyard {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<IpAddress> ProxyClient::find() const noexcept {
  const auto peer = IpAddress::parse(request_.peer_address);
  if (!peer || !is_trusted(*peer)) return peer;
  return family_ == ProxyFamily::nginx ? real_ip() : forwarded_for();
}

std::uint64_t ProxyClient::fingerprint() const noexcept {
  const std::string_view name = family_ == ProxyFamily::nginx ? "X-Real-IP" : "X-Forwarded-For";
  std::uint64_t fingerprint = std::hash<std::string_view>()(request_.peer_address);
  for (const http::Header& header : request_.headers)
    if (http::same_header_name(header.name, name))
      fingerprint = (fingerprint * 0x9E3779B97F4A7C15) ^ std::hash<std::string_view>()(header.value);
  return fingerprint;
}

bool ProxyClient::is_trusted(const IpAddress& address) const {
  return std::ranges::any_of(trusted_, [&](const AddressRange& range) { return range.contains(address); });
}

std::optional<IpAddress> ProxyClient::real_ip() const {
  std::optional<std::string_view> value;
  for (const http::Header& header : request_.headers) {
    if (!http::same_header_name(header.name, "X-Real-IP")) continue;
    if (value) return std::nullopt;  // two: nobody can know which one the proxy set
    value = header.value;
  }
  return value ? IpAddress::parse(trimmed(*value)) : std::nullopt;
}

// Several headers are one list, in their order (RFC 9110 5.3).
std::optional<IpAddress> ProxyClient::forwarded_for() const {
  std::optional<IpAddress> nearest;
  for (const http::Header& header : std::views::reverse(request_.headers)) {
    if (!http::same_header_name(header.name, "X-Forwarded-For")) continue;
    std::string_view rest = header.value;
    while (true) {
      const std::size_t comma = rest.rfind(',');
      const std::string_view hop = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
      nearest = IpAddress::parse(trimmed(hop));
      if (!nearest || !is_trusted(*nearest)) return nearest;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return nearest;
}

}  // namespace packyard
