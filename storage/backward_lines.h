// BackwardLines: the lines of a file from its end, reading no more of it than is asked for. The first may lack its line end (a writer
// was killed while writing it). Does not own the descriptor; one thread at a time. A line longer than the limit is corrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"

namespace packyard {

class BackwardLines {
 public:
  BackwardLines(int descriptor, std::uint64_t size_bytes, std::size_t line_bytes_max)
      : descriptor_(descriptor), at_(size_bytes), line_bytes_max_(line_bytes_max) {}

  struct Line {
    std::string text;  // without its line end
    bool is_whole = true;
  };
  // Nothing before the first line.
  Result<std::optional<Line>> next();

 private:
  Result<void> read_block();

  int descriptor_;
  std::uint64_t at_;  // where what was read begins
  std::size_t line_bytes_max_;
  std::string unused_;  // from at_ on, up to the lines that were given
  bool is_first_ = true;
};

}  // namespace packyard
