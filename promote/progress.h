// Progress: tells a person how far a long command is: one line that is redrawn on a terminal, a line per step elsewhere, nothing
// at all when asked to be quiet (--json). Goes to standard error, so that results can be piped. And tells a program that watches:
// at the beginning and end of each step, and in between once a second at most. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace packyard {

enum class ProgressForm { none, lines, bar };

struct ProgressStep {
  std::string name, unit;
  std::uint64_t total = 0, done = 0;
};
// Called while the step's own work waits, from whichever thread came on.
using ProgressWatcher = std::function<void(const ProgressStep&)>;

class Progress {
 public:
  // Writes to the descriptor, which it does not own. width_columns: of the terminal.
  Progress(ProgressForm form, int descriptor, unsigned width_columns = 80);
  // On a terminal a bar, elsewhere lines.
  static Progress for_descriptor(int descriptor);

  // Before the first step.
  void watch(ProgressWatcher watcher) { watcher_ = std::move(watcher); }

  // A step begins: "signing", 1000 packages. An earlier step ends.
  void begin(std::string_view step, std::uint64_t total, std::string_view unit);
  void advance(std::uint64_t by = 1);
  void set(std::uint64_t done);
  // The step ends; leaves the terminal's line clean.
  void end();

 private:
  void draw();
  void tell(std::chrono::seconds pause);
  void write(const std::string& text) const;

  std::mutex mutex_;
  ProgressForm form_;
  int descriptor_;
  unsigned width_columns_;
  std::string step_, unit_;
  std::uint64_t total_ = 0, done_ = 0, drawn_percent_ = 101;
  ProgressWatcher watcher_;
  std::chrono::steady_clock::time_point told_at_;
};

}  // namespace packyard
