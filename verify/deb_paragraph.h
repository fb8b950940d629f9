// Reads Debian control data (deb-control(5), Release and Packages files) as a stream of paragraphs. Strict: no duplicate field, no
// stray line, bounded sizes. Views live during the call only. One object per stream, one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

class DebParagraph {
 public:
  // Value without leading and trailing white space; continuation lines joined by '\n' with their leading space kept. Empty: no such field.
  std::string_view value(std::string_view field) const;
  bool has(std::string_view field) const;
  bool empty() const { return fields_.empty(); }
  Result<void> add_line(std::string_view line);
  void clear() { fields_.clear(); }

 private:
  struct Field {
    std::string name, value;
  };
  std::vector<Field> fields_;
};

class DebParagraphReader {
 public:
  using Visit = std::function<Result<void>(const DebParagraph&)>;
  explicit DebParagraphReader(Visit visit) : visit_(std::move(visit)) {}
  Result<void> feed(std::string_view bytes);
  Result<void> finish();

 private:
  Result<void> take_line(std::string_view line);
  Visit visit_;
  DebParagraph paragraph_;
  std::string rest_;  // a line that is not complete yet
  std::size_t paragraph_bytes_ = 0;
};

// Digest over the fields of a binary package that decide whether and how it installs.
Sha256 control_digest(const DebParagraph& paragraph);

// "Sat, 01 Mar 2025 12:00:00 UTC"
Result<Timestamp> parse_release_date(std::string_view text);

// A line of a Release file's SHA256 field.
struct ReleaseFile {
  Sha256 sha256;
  std::uint64_t size_bytes = 0;
  std::string name;  // main/binary-amd64/Packages
};
Result<std::vector<ReleaseFile>> read_release_files(std::string_view field);

}  // namespace packyard
