#include "core/settings.h"

#include <algorithm>

namespace packyard {
namespace {

template <class Item>
const Item* find_by_name(const std::vector<Item>& items, std::string_view name) {
  const auto found = std::ranges::find_if(items, [&](const Item& item) { return item.name.text() == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::gzip: return "gz";
    case Compression::xz: return "xz";
    case Compression::zstd: return "zstd";
  }
  return "gz";
}

const ComponentSettings* Settings::find_component(std::string_view name) const { return find_by_name(components, name); }
const RpmTargetSettings* Settings::find_rpm_target(std::string_view name) const { return find_by_name(rpm_targets, name); }
const DebTargetSettings* Settings::find_deb_target(std::string_view name) const { return find_by_name(deb_targets, name); }

}  // namespace packyard
