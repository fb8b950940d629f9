// What proxies say about a client's address, and address ranges: whatever the bytes, nothing but an address comes out, and what is
// shown reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "auth/proxy_client.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = packyard::IpAddress::parse(text)) demand(packyard::IpAddress::parse(address->text()) == address);
  if (const auto range = packyard::AddressRange::parse(text)) {
    const auto again = packyard::AddressRange::parse(range->text());
    demand(again && *again == *range);
  }
  const std::size_t half = size / 2;
  packyard::http::Request request;
  request.peer_address = "127.0.0.1";
  request.headers = {{"X-Forwarded-For", text.substr(0, half)}, {"X-Forwarded-For", text.substr(half)}, {"X-Real-IP", text}};
  const auto trusted = packyard::loopback_ranges();
  for (const auto family : {packyard::ProxyFamily::forwarded, packyard::ProxyFamily::nginx, packyard::ProxyFamily::envoy})
    static_cast<void>(packyard::ProxyClient(family, request, trusted).find());
  request.headers = {{"X-Real-IP", text}};
  const auto real = packyard::ProxyClient(packyard::ProxyFamily::nginx, request, trusted).find();
  if (const auto plain = packyard::IpAddress::parse(text)) demand(real == plain);
  return 0;
}
