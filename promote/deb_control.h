// DebControl: the control file of a binary package: one stanza of fields (Debian Policy 5.1, deb-control(5)). Strict, because its
// bytes go into the signed Packages index: exactly one stanza, printable field names, no field twice, none that the index
// itself adds (Filename, Size, SHA256 …), no NUL or carriage return. Plain value; parse fails as ErrorCode::invalid.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

class DebControl {
 public:
  static constexpr std::size_t size_bytes_max = 1 << 20;

  struct Field {
    std::string name;   // as written
    std::string value;  // without the blanks around it; continuation lines follow "\n" and keep their first blank
  };

  static Result<DebControl> parse(std::string_view text);

  const std::vector<Field>& fields() const { return fields_; }
  // Empty when absent or empty. Names compare without regard to case.
  std::string_view value(std::string_view name) const;
  // "Name: value\n" for each field, in order: how the stanza stands in Packages.
  std::string text() const;

 private:
  std::vector<Field> fields_;
};

}  // namespace packyard
