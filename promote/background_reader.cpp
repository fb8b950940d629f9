#include "promote/background_reader.h"

#include <utility>

namespace packyard {
namespace {
constexpr std::size_t piece_size_bytes = 256 * 1024;
constexpr std::size_t pieces_waiting_max = 4;
}  // namespace

BackgroundReader::BackgroundReader(Reader reader) : reader_(std::move(reader)), thread_([this] { work(); }) {}

BackgroundReader::~BackgroundReader() { end(State::abandoned); }

Result<void> BackgroundReader::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, piece_size_bytes - pending_.size());
    pending_.append(part);
    bytes.remove_prefix(part.size());
    if (pending_.size() == piece_size_bytes) TRY(hand_over());
  }
  return {};
}

Result<void> BackgroundReader::finish() {
  if (!pending_.empty()) static_cast<void>(hand_over());  // the reader's failure is told below
  end(State::finished);
  thread_.join();
  return outcome_;
}

Result<void> BackgroundReader::hand_over() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.size() < pieces_waiting_max || reader_ended_; });
  if (reader_ended_) {
    pending_.clear();
    return outcome_;
  }
  queue_.push_back(std::move(pending_));
  pending_ = std::string();
  if (!spares_.empty()) {
    pending_ = std::move(spares_.back());
    spares_.pop_back();
    pending_.clear();
  }
  changed_.notify_all();
  return {};
}

void BackgroundReader::end(State state) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::open) state_ = state;
  changed_.notify_all();
}

Result<std::string_view> BackgroundReader::next() {
  std::unique_lock lock(mutex_);
  if (current_.capacity() >= piece_size_bytes) spares_.push_back(std::move(current_));
  current_ = std::string();
  changed_.wait(lock, [this] { return state_ != State::open || !queue_.empty(); });
  if (state_ == State::abandoned) return fail(ErrorCode::internal, "the bytes were given up before their end");
  if (queue_.empty()) return std::string_view();
  current_ = std::move(queue_.front());
  queue_.pop_front();
  changed_.notify_all();
  return current_;
}

void BackgroundReader::work() {
  auto outcome = reader_([this] { return next(); });
  const std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
  reader_ended_ = true;
  changed_.notify_all();
}

}  // namespace packyard
