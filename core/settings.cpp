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

std::string_view to_string(AdminRole role) {
  switch (role) {
    case AdminRole::read: return "read";
    case AdminRole::keys: return "keys";
    case AdminRole::all: return "all";
  }
  return "read";
}

std::optional<AdminRole> parse_admin_role(std::string_view text) {
  for (const AdminRole role : {AdminRole::read, AdminRole::keys, AdminRole::all})
    if (to_string(role) == text) return role;
  return std::nullopt;
}

std::vector<AddressRange> loopback_ranges() { return {*AddressRange::parse("127.0.0.0/8"), *AddressRange::parse("::1")}; }

// Greedy with one step back: the last '*' takes one more character when what follows does not fit.
bool OciTargetSettings::is_floating(std::string_view tag) const {
  const auto fits = [&](std::string_view pattern) {
    std::size_t at = 0, in = 0, star = std::string_view::npos, resume = 0;
    while (at < tag.size()) {
      if (in < pattern.size() && pattern[in] == '*') {
        star = in++;
        resume = at;
      } else if (in < pattern.size() && pattern[in] == tag[at]) {
        ++in, ++at;
      } else if (star != std::string_view::npos) {
        in = star + 1;
        at = ++resume;
      } else {
        return false;
      }
    }
    return pattern.find_first_not_of('*', in) == std::string_view::npos;
  };
  return std::ranges::any_of(floating_tags, fits);
}

bool SigningSettings::signs_images_as(ImageSignature form) const {
  return std::ranges::find(image_signatures, form) != image_signatures.end();
}

const ComponentSettings* Settings::find_component(std::string_view name) const { return find_by_name(components, name); }
const RpmTargetSettings* Settings::find_rpm_target(std::string_view name) const { return find_by_name(rpm_targets, name); }
const DebTargetSettings* Settings::find_deb_target(std::string_view name) const { return find_by_name(deb_targets, name); }
const OciTargetSettings* Settings::find_oci_target(std::string_view name) const { return find_by_name(oci_targets, name); }

}  // namespace packyard
