#include "core/http/connection_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "core/http/listening_socket.h"

namespace packyard::http {
namespace {

constexpr std::size_t scratch_bytes = 64 * 1024;
constexpr std::int64_t linger_ms = 2'000;
constexpr std::int64_t accept_pause_ms = 100;
constexpr std::int64_t unserved_grace_ms = 500;  // at stop: a connection just accepted may be about to ask
constexpr std::size_t spare_connections_max = 64;
constexpr int accepts_at_once = 64;

std::int64_t steady_ms() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

}  // namespace

struct ConnectionLoop::Connection {
  explicit Connection(const ListenerLimits& limits) : conversation(limits) {}

  int descriptor = -1;
  Stage stage = Stage::idle;
  std::uint32_t watched = 0;
  std::int64_t since_ms = 0;  // when the stage began
  Conversation conversation;
  std::string output;  // what the peer has not taken yet
  std::size_t output_sent = 0;
};

ConnectionLoop::ConnectionLoop(LoopShared& shared, int listening_descriptor)
    : shared_(shared),
      listening_(listening_descriptor),
      scratch_(scratch_bytes),
      desk_{.handler = shared.handler, .date = {}, .request = {}, .output = {}} {
  const ListenerLimits& limits = shared.limits;
  const std::int64_t shortest = std::min({limits.read_timeout_ms, limits.idle_timeout_ms, limits.stall_timeout_ms / 4, 4'000U});
  sweep_period_ms_ = std::clamp<std::int64_t>(shortest / 4, 10, 1'000);
}

ConnectionLoop::~ConnectionLoop() {
  for (const auto& connection : connections_)
    if (connection->descriptor >= 0) ::close(connection->descriptor);
  if (wake_event_ >= 0) ::close(wake_event_);
  if (epoll_ >= 0) ::close(epoll_);
}

Result<void> ConnectionLoop::prepare() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return fail(system_error("making an event queue (epoll) for a listener"));
  wake_event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_event_ < 0) return fail(system_error("making an event descriptor for a listener"));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &wake_event_;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_event_, &event) != 0)
    return fail(system_error("watching a listener's event descriptor"));
  now_ms_ = last_sweep_ms_ = steady_ms();
  resume_accepting();
  if (!accepting_) return fail(system_error("watching a listening socket"));
  return {};
}

void ConnectionLoop::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_event_, &one, sizeof one);
}

void ConnectionLoop::run() {
  std::array<epoll_event, 256> events{};
  while (true) {
    const std::int64_t wait_ms = accepting_ ? sweep_period_ms_ : std::min(sweep_period_ms_, accept_pause_ms);
    const int count = epoll_wait(epoll_, events.data(), events.size(), static_cast<int>(wait_ms));
    beats_.fetch_add(1, std::memory_order_relaxed);
    now_ms_ = steady_ms();
    for (int i = 0; i < count; ++i) {
      void* const source = events[static_cast<std::size_t>(i)].data.ptr;
      if (source == &wake_event_) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const auto got = read(wake_event_, &ignored, sizeof ignored);
        last_sweep_ms_ = 0;
      } else if (source == &listening_) {
        accept_some();
      } else {
        on_event(*static_cast<Connection*>(source), events[static_cast<std::size_t>(i)].events);
      }
    }
    if (shared_.stopping.load(std::memory_order_relaxed) && !stop_begun_) begin_stop();
    if (now_ms_ - last_sweep_ms_ >= sweep_period_ms_) sweep();
    if (some_closed_) remove_closed();
    if (!accepting_ && !stop_begun_ && now_ms_ - accept_paused_ms_ >= accept_pause_ms) resume_accepting();
    if (stop_begun_ && (connections_.empty() || now_ms_ >= stop_deadline_ms_)) break;
  }
  ended_.store(true, std::memory_order_relaxed);
}

void ConnectionLoop::begin_stop() {
  for (int round = 0; round < 64; ++round) accept_some();  // whoever the kernel has already let in is answered
  pause_accepting();
  stop_begun_ = true;
  sweep_period_ms_ = std::min<std::int64_t>(sweep_period_ms_, 50);
  stop_deadline_ms_ = now_ms_ + shared_.limits.drain_timeout_ms;
  last_sweep_ms_ = 0;
}

void ConnectionLoop::resume_accepting() {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  event.data.ptr = &listening_;
  accepting_ = epoll_ctl(epoll_, EPOLL_CTL_ADD, listening_, &event) == 0;
}

void ConnectionLoop::pause_accepting() {
  if (!accepting_) return;
  accept_paused_ms_ = now_ms_;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, listening_, nullptr);
  accepting_ = false;
}

void ConnectionLoop::accept_some() {
  for (int i = 0; i < accepts_at_once; ++i) {
    if (shared_.connections.load(std::memory_order_relaxed) >= shared_.limits.connections_max) {
      if (i > 0) return;  // whether anybody still waits, the next event tells
      if (!close_longest_idle()) return pause_accepting();
    }
    auto accepted = accept_connection(listening_);
    if (accepted) {
      adopt(accepted->descriptor, std::move(accepted->peer));
      continue;
    }
    const int number = accepted.error();
    if (number == EINTR || number == ECONNABORTED) continue;
    if (number == EAGAIN || number == EWOULDBLOCK) return;
    // Out of descriptors or memory: the socket stays readable, so waiting on it would spin. Make room and come back.
    close_longest_idle();
    return pause_accepting();
  }
}

void ConnectionLoop::adopt(int descriptor, std::string peer) {
  std::unique_ptr<Connection> connection;
  if (spare_.empty()) {
    connection = std::make_unique<Connection>(shared_.limits);
  } else {
    connection = std::move(spare_.back());
    spare_.pop_back();
  }
  connection->descriptor = descriptor;
  connection->conversation.restart(std::move(peer));
  connection->since_ms = now_ms_;
  connection->watched = EPOLLIN;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = connection.get();
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    ::close(descriptor);
    return;
  }
  shared_.connections.fetch_add(1, std::memory_order_relaxed);
  connections_.push_back(std::move(connection));
}

void ConnectionLoop::on_event(Connection& connection, std::uint32_t events) {
  if (connection.stage == Stage::closed) return;  // closed while an earlier event of this round was handled
  if ((events & EPOLLOUT) != 0)
    on_writable(connection);
  else
    on_readable(connection);  // also for EPOLLHUP and EPOLLERR: recv tells
}

void ConnectionLoop::on_readable(Connection& connection) {
  if (connection.stage == Stage::writing) return close(connection);  // only a hang-up can wake it
  const ssize_t got = recv(connection.descriptor, scratch_.data(), scratch_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) return close(connection);
  if (connection.stage == Stage::lingering) return;  // read and forgotten
  take(connection, std::string_view(scratch_.data(), static_cast<std::size_t>(got)));
}

void ConnectionLoop::take(Connection& connection, std::string_view bytes) {
  const bool was_in_request = connection.conversation.in_request();
  desk_.output.clear();
  desk_.draining = is_draining();
  connection.conversation.take(bytes, desk_);
  const bool in_request = connection.conversation.in_request();
  connection.stage = in_request ? Stage::reading : Stage::idle;
  if (!in_request || !was_in_request || !desk_.output.empty()) connection.since_ms = now_ms_;
  if (!desk_.output.empty()) flush(connection);
}

void ConnectionLoop::flush(Connection& connection) {
  const std::string& output = desk_.output;
  const ssize_t sent = send(connection.descriptor, output.data(), output.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(output.size())) return after_answers(connection);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return close(connection);
  connection.output.assign(output, sent < 0 ? 0 : static_cast<std::size_t>(sent));
  connection.output_sent = 0;
  connection.stage = Stage::writing;
  connection.since_ms = now_ms_;
  watch(connection, EPOLLOUT);  // and nothing is read until the peer has taken its answers
}

void ConnectionLoop::on_writable(Connection& connection) {
  const ssize_t sent = send(connection.descriptor, connection.output.data() + connection.output_sent,
                            connection.output.size() - connection.output_sent, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) close(connection);
    return;
  }
  connection.output_sent += static_cast<std::size_t>(sent);
  if (sent > 0) connection.since_ms = now_ms_;
  if (connection.output_sent < connection.output.size()) return;
  connection.output = std::string();
  connection.stage = connection.conversation.in_request() ? Stage::reading : Stage::idle;
  watch(connection, EPOLLIN);
  after_answers(connection);
}

// All answers are with the kernel. Requests may still wait when the answers before them were many.
void ConnectionLoop::after_answers(Connection& connection) {
  switch (connection.conversation.end()) {
    case Conversation::End::close: return close(connection);
    case Conversation::End::linger: return linger(connection);
    case Conversation::End::open:
      if (connection.conversation.more_waits()) take(connection, {});
  }
}

void ConnectionLoop::linger(Connection& connection) {
  shutdown(connection.descriptor, SHUT_WR);
  connection.stage = Stage::lingering;
  connection.since_ms = now_ms_;
}

void ConnectionLoop::close(Connection& connection) {
  if (connection.stage == Stage::closed) return;
  ::close(connection.descriptor);
  connection.descriptor = -1;
  connection.stage = Stage::closed;
  some_closed_ = true;
  shared_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void ConnectionLoop::watch(Connection& connection, std::uint32_t events) {
  if (connection.watched == events) return;
  connection.watched = events;
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.descriptor, &event) != 0) close(connection);
}

void ConnectionLoop::sweep() {
  last_sweep_ms_ = now_ms_;
  for (std::size_t i = 0; i < connections_.size(); ++i) judge_silence(*connections_[i]);
}

void ConnectionLoop::judge_silence(Connection& connection) {
  const std::int64_t silent_ms = now_ms_ - connection.since_ms;
  switch (connection.stage) {
    case Stage::idle:
      if (is_draining()) {
        on_readable(connection);  // a request that has just arrived is still answered
        const bool served = connection.conversation.has_answered();
        const bool spare_it = !served && silent_ms < unserved_grace_ms;
        if (connection.stage == Stage::idle && !spare_it && (served || stop_begun_)) close(connection);
      } else if (silent_ms > shared_.limits.idle_timeout_ms) {
        close(connection);
      }
      break;
    case Stage::reading:
      if (silent_ms <= shared_.limits.read_timeout_ms) break;
      desk_.output.clear();
      connection.conversation.time_out(desk_);
      flush(connection);
      break;
    case Stage::writing:
      if (silent_ms > shared_.limits.read_timeout_ms) close(connection);
      break;
    case Stage::lingering:
      if (silent_ms > linger_ms) close(connection);
      break;
    case Stage::closed: break;
  }
}

bool ConnectionLoop::close_longest_idle() {
  Connection* oldest = nullptr;
  for (const auto& connection : connections_)
    if (connection->stage == Stage::idle && (oldest == nullptr || connection->since_ms < oldest->since_ms))
      oldest = connection.get();
  if (oldest != nullptr) close(*oldest);
  return oldest != nullptr;
}

void ConnectionLoop::remove_closed() {
  some_closed_ = false;
  for (std::size_t i = 0; i < connections_.size();) {
    if (connections_[i]->stage != Stage::closed) {
      ++i;
      continue;
    }
    std::unique_ptr<Connection> gone = std::move(connections_[i]);
    connections_[i] = std::move(connections_.back());
    connections_.pop_back();
    if (spare_.size() == spare_connections_max) continue;
    gone->stage = Stage::idle;
    gone->conversation.restart({});
    gone->output = std::string();
    spare_.push_back(std::move(gone));
  }
}

}  // namespace packyard::http
