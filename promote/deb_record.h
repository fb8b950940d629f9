// DebRecord: what the catalog keeps of a Debian package for the index: its control stanza, the section, and, when its target
// has Contents, the list of its files. Pure functions; a damaged record is ErrorCode::corrupt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

struct DebRecord {
  std::string_view stanza;   // ends with a line end; Filename, Size and SHA256 follow it in Packages
  std::string_view section;  // may be empty
  bool has_files = false;
  std::string_view files;    // a line each

  static Result<DebRecord> parse(std::string_view record);  // points into `record`
  std::string text() const;
};

}  // namespace packyard
