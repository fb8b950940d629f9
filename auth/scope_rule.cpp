#include "auth/scope_rule.h"

#include <algorithm>

namespace packyard {
namespace {

bool holds_address(const KeyScope& scope, const ClientAddress* client) {
  if (scope.addresses.empty()) return true;
  const auto address = client == nullptr ? std::nullopt : client->find();
  return address && std::ranges::any_of(scope.addresses, [&](const AddressRange& range) { return range.contains(*address); });
}

template <class Items>
bool holds_name(const Items& items, std::string_view name) {
  return std::ranges::any_of(items, [&](const auto& item) { return item.text() == name; });
}

Format format_of(RepositoryArea area) {
  switch (area) {
    case RepositoryArea::rpm: return Format::rpm;
    case RepositoryArea::deb_index:
    case RepositoryArea::deb_pool: return Format::deb;
    case RepositoryArea::registry_ping:
    case RepositoryArea::registry:
    case RepositoryArea::public_key: break;
  }
  return Format::oci;
}

}  // namespace

std::optional<Reason> outside_scope(const KeyScope& scope, const RepositoryPath& path, const ClientAddress* client) noexcept {
  if (!holds_address(scope, client)) return Reason::wrong_address;
  if (path.area == RepositoryArea::registry_ping) return std::nullopt;
  if (!holds_name(scope.components, path.component)) return Reason::wrong_component;
  if (!scope.formats.empty() && std::ranges::find(scope.formats, format_of(path.area)) == scope.formats.end())
    return Reason::wrong_format;
  if (!scope.years.empty() && !holds_name(scope.years, path.year)) return Reason::wrong_year;
  return std::nullopt;
}

}  // namespace packyard
