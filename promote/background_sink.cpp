#include "promote/background_sink.h"

namespace packyard {
namespace {
constexpr std::size_t piece_size_bytes = 256 * 1024;
constexpr std::size_t pieces_waiting_max = 4;
}  // namespace

BackgroundSink::BackgroundSink(ByteSink sink) : sink_(std::move(sink)), thread_([this] { work(); }) {}

BackgroundSink::~BackgroundSink() { close(); }

Result<void> BackgroundSink::write(std::string_view bytes) {
  pending_.append(bytes);
  return pending_.size() >= piece_size_bytes ? hand_over() : Result<void>();
}

Result<void> BackgroundSink::finish() {
  TRY(hand_over());
  close();
  thread_.join();
  return outcome_;
}

Result<void> BackgroundSink::hand_over() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < pieces_waiting_max || !outcome_; });
  if (!outcome_) return outcome_;
  queue_.push_back(std::move(pending_));
  pending_ = std::string();
  changed_.notify_all();
  return {};
}

void BackgroundSink::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void BackgroundSink::work() {
  std::unique_lock lock(mutex_);
  while (outcome_) {
    changed_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const std::string piece = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    lock.unlock();
    auto outcome = sink_(piece);
    lock.lock();
    outcome_ = std::move(outcome);
    if (!outcome_) changed_.notify_all();
  }
}

}  // namespace packyard
