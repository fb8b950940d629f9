// Progress: tells a person how far a long command is: one line that is redrawn on a terminal, a line per step elsewhere, nothing
// at all when asked to be quiet (--json). Goes to standard error, so that results can be piped. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace packyard {

enum class ProgressForm { none, lines, bar };

class Progress {
 public:
  // Writes to the descriptor, which it does not own. width_columns: of the terminal.
  Progress(ProgressForm form, int descriptor, unsigned width_columns = 80);
  // On a terminal a bar, elsewhere lines.
  static Progress for_descriptor(int descriptor);

  // A step begins: "signing", 1000 packages. An earlier step ends.
  void begin(std::string_view step, std::uint64_t total, std::string_view unit);
  void advance(std::uint64_t by = 1);
  void set(std::uint64_t done);
  // The step ends; leaves the terminal's line clean.
  void end();

 private:
  void draw();
  void write(const std::string& text) const;

  std::mutex mutex_;
  ProgressForm form_;
  int descriptor_;
  unsigned width_columns_;
  std::string step_, unit_;
  std::uint64_t total_ = 0, done_ = 0, drawn_percent_ = 101;
};

}  // namespace packyard
