#include "promote/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace packyard {
namespace {

constexpr std::chrono::seconds at_once{0}, watching_pause{1};

}  // namespace

Progress::Progress(ProgressForm form, int descriptor, unsigned width_columns)
    : form_(form), descriptor_(descriptor), width_columns_(std::clamp(width_columns, 40U, 200U)) {}

Progress Progress::for_descriptor(int descriptor) {
  winsize size{};
  if (isatty(descriptor) != 1) return {ProgressForm::lines, descriptor};
  return {ProgressForm::bar, descriptor, ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80U};
}

void Progress::begin(std::string_view step, std::uint64_t total, std::string_view unit) {
  end();
  const std::lock_guard lock(mutex_);
  step_ = step;
  unit_ = unit;
  total_ = total;
  done_ = 0;
  drawn_percent_ = 101;
  tell(at_once);
  if (form_ == ProgressForm::lines) write(step_ + (total_ > 0 ? ": " + std::to_string(total_) + " " + unit_ : "") + "\n");
  if (form_ == ProgressForm::bar) draw();
}

void Progress::advance(std::uint64_t by) {
  const std::lock_guard lock(mutex_);
  done_ += by;
  if (form_ == ProgressForm::bar) draw();
  tell(watching_pause);
}

void Progress::set(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  if (form_ == ProgressForm::bar) draw();
  tell(watching_pause);
}

void Progress::end() {
  const std::lock_guard lock(mutex_);
  if (step_.empty()) return;
  tell(at_once);
  step_.clear();
  if (form_ == ProgressForm::bar) write("\r" + std::string(width_columns_ - 1, ' ') + "\r");
}

void Progress::tell(std::chrono::seconds pause) {
  if (!watcher_ || step_.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  if (pause != at_once && now - told_at_ < pause) return;
  told_at_ = now;
  watcher_({step_, unit_, total_, total_ == 0 ? done_ : std::min(done_, total_)});
}

void Progress::draw() {
  if (step_.empty()) return;
  const std::uint64_t percent = total_ == 0 ? 0 : std::min<std::uint64_t>(100, done_ * 100 / total_);
  if (percent == drawn_percent_) return;  // at most a hundred writes a step
  drawn_percent_ = percent;
  std::string line = step_.substr(0, 24);
  line.resize(24, ' ');
  const std::string figures =
      total_ == 0 ? "" : " " + std::to_string(std::min(done_, total_)) + "/" + std::to_string(total_) + " " + unit_;
  const std::size_t room =
      width_columns_ > line.size() + figures.size() + 4 ? width_columns_ - line.size() - figures.size() - 4 : 0;
  if (room > 4) {
    const std::size_t full = room * percent / 100;
    line += "[" + std::string(full, '=') + std::string(room - full, ' ') + "]";
  }
  line = (line + figures).substr(0, width_columns_ - 1);
  line.resize(width_columns_ - 1, ' ');
  write("\r" + line);
}

void Progress::write(const std::string& text) const {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written <= 0) return;  // nobody reads: the work goes on
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace packyard
