// DebVersion: a Debian package version, [epoch:]upstream[-revision], and its order: Debian Policy 5.6.12, as dpkg
// --compare-versions decides. Stricter than dpkg in one thing: no ':' after the epoch, because the file name drops the epoch
// and must keep the rest apart. Plain value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

class DebVersion {
 public:
  static Result<DebVersion> parse(std::string_view text);

  std::uint32_t epoch() const { return epoch_; }
  std::string without_epoch() const;  // as file names have it
  std::strong_ordering operator<=>(const DebVersion& other) const;
  bool operator==(const DebVersion& other) const { return (*this <=> other) == std::strong_ordering::equal; }

 private:
  std::uint32_t epoch_ = 0;
  std::string upstream_;
  std::string revision_;  // "1.0" and "1.0-0" are equal; an empty one counts as 0
  bool has_revision_ = false;
};

}  // namespace packyard
