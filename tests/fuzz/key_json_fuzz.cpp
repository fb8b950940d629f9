// Bodies of the admin API and its answers as a client reads them. What is taken must be what would be written back, and no error
// may carry bytes that steer a terminal.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "admin/key_json.h"
#include "admin/label.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7E) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto request = packyard::parse_key_request(body)) {
    const auto again = packyard::parse_key_request(packyard::key_request_json(*request));
    demand(again && again->component == request->component && again->label == request->label &&
           again->expires_at == request->expires_at);
    if (packyard::is_label(request->label)) demand(request->label.size() <= 800);
  } else {
    demand(is_printable(request.error().detail));
    const auto answer = packyard::parse_error_view(packyard::error_json("code", request.error().detail));
    demand(answer && answer->message == request.error().detail);
  }
  static_cast<void>(packyard::is_label(body));
  static_cast<void>(packyard::parse_key_view(body));
  static_cast<void>(packyard::parse_key_views(body));
  static_cast<void>(packyard::parse_error_view(body));
  demand(packyard::parse_error_view(packyard::error_json(body, body)).has_value());
  return 0;
}
