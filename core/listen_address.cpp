#include "core/listen_address.h"

#include <charconv>
#include <limits>

namespace packyard {

void read_address(SettingsSection& section, std::string_view name, ListenAddress& into) {
  const auto value = section.scalar(name);
  if (!value) return;
  const std::size_t colon = value->text.rfind(':');
  std::uint32_t port = 0;
  const char* end = value->text.data() + value->text.size();
  bool good = colon != std::string::npos && colon > 0;
  if (good) {
    const auto [stopped, failure] = std::from_chars(value->text.data() + colon + 1, end, port);
    good = failure == std::errc() && stopped == end && port <= std::numeric_limits<std::uint16_t>::max();
  }
  if (!good) return section.problem(value->origin, name, "expected address:port, like 127.0.0.1:8080");
  into.host = value->text.substr(0, colon);
  if (into.host.size() > 2 && into.host.front() == '[' && into.host.back() == ']')
    into.host = into.host.substr(1, into.host.size() - 2);
  into.port = static_cast<std::uint16_t>(port);
}

}  // namespace packyard
