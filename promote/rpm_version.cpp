#include "promote/rpm_version.h"

#include <rpm/rpmver.h>

#include <charconv>
#include <cstdint>
#include <string>

namespace packyard {
namespace {

struct Parts {
  std::uint32_t epoch = 0;
  std::string version, release;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    std::from_chars(text.data(), text.data() + colon, parts.epoch);
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  parts.version = text.substr(0, dash);
  if (dash != std::string_view::npos) parts.release = text.substr(dash + 1);
  return parts;
}

}  // namespace

std::strong_ordering compare_rpm_versions(std::string_view left_text, std::string_view right_text) {
  const Parts left = parts_of(left_text), right = parts_of(right_text);
  if (left.epoch != right.epoch) return left.epoch <=> right.epoch;
  if (const int order = rpmvercmp(left.version.c_str(), right.version.c_str()); order != 0) return order <=> 0;
  return rpmvercmp(left.release.c_str(), right.release.c_str()) <=> 0;
}

}  // namespace packyard
