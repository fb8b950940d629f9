#include "core/http_origin.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace packyard {
namespace {

constexpr std::size_t host_bytes_max = 253;
constexpr std::uint16_t plain_port = 80, tls_port = 443;

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > host_bytes_max) return false;
  if (host.front() == '[')
    return host.size() > 2 && host.back() == ']' && std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
           });
  return host.front() != '-' && host.front() != '.' && std::ranges::all_of(host, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
         });
}

}  // namespace

Result<HttpOrigin> HttpOrigin::parse(std::string_view text) {
  const auto refuse = [] {
    return fail(ErrorCode::invalid, "not the address of a server alone, like https://s3.example.org or http://127.0.0.1:9000");
  };
  HttpOrigin origin;
  if (text.starts_with("https://"))
    origin.is_tls = true;
  else if (!text.starts_with("http://"))
    return refuse();
  text.remove_prefix(origin.is_tls ? 8 : 7);
  while (text.ends_with('/')) text.remove_suffix(1);
  origin.port = origin.is_tls ? tls_port : plain_port;
  const std::size_t colon = text.find(':', text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0);
  if (colon != std::string_view::npos) {
    std::uint32_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data() + colon + 1, end, port);
    if (failure != std::errc() || stopped != end || port == 0 || port > std::numeric_limits<std::uint16_t>::max())
      return refuse();
    origin.port = static_cast<std::uint16_t>(port);
    text = text.substr(0, colon);
  }
  origin.host = text;
  std::ranges::transform(origin.host, origin.host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!is_host(origin.host)) return refuse();
  return origin;
}

std::string HttpOrigin::host_header() const {
  return port == (is_tls ? tls_port : plain_port) ? host : host + ":" + std::to_string(port);
}

std::string HttpOrigin::url() const { return (is_tls ? "https://" : "http://") + host_header(); }

}  // namespace packyard
