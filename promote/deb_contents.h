// DebContents: collects which package of an architecture holds which file and gives them back sorted, as Contents-ARCH has them
// (wiki.debian.org/DebianRepository/Format). Memory stays below 32 MiB however many there are: sorted runs go to nameless files
// in a scratch folder. Made for one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "promote/compressor.h"

namespace packyard {

class DebContents {
 public:
  explicit DebContents(std::filesystem::path scratch, std::size_t run_bytes_max = 16 << 20)
      : scratch_(std::move(scratch)), run_bytes_max_(run_bytes_max) {}
  DebContents(const DebContents&) = delete;
  DebContents& operator=(const DebContents&) = delete;
  ~DebContents();

  // `location` is "section/package".
  Result<void> add(std::string_view path, std::string_view location);
  // Lines "path<blanks>location[,location…]", each path once. Call once, last.
  Result<void> write(const ByteSink& sink);

 private:
  class Run;
  Result<void> spill();

  std::filesystem::path scratch_;
  std::size_t run_bytes_max_;
  std::vector<std::string> lines_;  // "path\nlocation": '\n' sorts below everything a path holds
  std::size_t line_bytes_ = 0;
  std::vector<int> runs_;  // descriptors of files without a name
};

}  // namespace packyard
