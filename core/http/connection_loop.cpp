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
constexpr std::size_t output_bytes_at_once = 256 * 1024;
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
  explicit Connection(const ListenerLimits& limits) : parser(limits) {}

  int descriptor = -1;
  Stage stage = Stage::idle;
  bool served = false;          // has had an answer
  bool continued = false;       // "100 Continue" was sent for the current request
  bool close_after = false;     // once the answers are out
  bool linger_after = false;    // ... reading on for a moment, so that the answer is not lost to a reset
  std::uint32_t watched = 0;
  std::int64_t since_ms = 0;    // when the stage began
  RequestParser parser;
  std::string input;            // an unfinished request, or some that wait for the answers before them to leave
  std::string output;           // what the peer has not taken yet
  std::size_t output_sent = 0;
  std::string peer;
};

ConnectionLoop::ConnectionLoop(LoopShared& shared, int listening_descriptor)
    : shared_(shared), listening_(listening_descriptor), scratch_(scratch_bytes) {
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
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_event_, &event) != 0) return fail(system_error("watching a listener's event descriptor"));
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
  if (accepting_) pause_accepting();
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
  accept_paused_ms_ = now_ms_;
  epoll_ctl(epoll_, EPOLL_CTL_DEL, listening_, nullptr);
  accepting_ = false;
}

void ConnectionLoop::accept_some() {
  for (int i = 0; i < accepts_at_once; ++i) {
    if (shared_.connections.load(std::memory_order_relaxed) >= shared_.limits.connections_max) {
      close_longest_idle();
      if (accepting_) pause_accepting();  // until then they wait in the kernel's queue
      return;
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
    if (accepting_) pause_accepting();
    return;
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
  connection->peer = std::move(peer);
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
  if ((events & EPOLLOUT) != 0) on_writable(connection);
  else on_readable(connection);  // also for EPOLLHUP and EPOLLERR: recv tells
}

void ConnectionLoop::on_readable(Connection& connection) {
  if (connection.stage == Stage::writing) return close(connection);  // only a hang-up can wake it
  const ssize_t got = recv(connection.descriptor, scratch_.data(), scratch_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (got <= 0) return close(connection);
  if (connection.stage == Stage::lingering) return;  // read and forgotten
  const std::string_view bytes(scratch_.data(), static_cast<std::size_t>(got));
  if (connection.input.empty()) return process(connection, bytes, false);
  connection.input.append(bytes);
  process(connection, connection.input, true);
}

void ConnectionLoop::process(Connection& connection, std::string_view bytes, bool bytes_are_input) {
  std::size_t done = 0;
  output_.clear();
  while (done < bytes.size() && !connection.close_after && output_.size() < output_bytes_at_once) {
    const std::string_view rest = bytes.substr(done);
    const ParseStatus status = connection.parser.feed(rest);
    if (status == ParseStatus::complete) {
      done += connection.parser.request_bytes();
      answer(connection, rest);
      connection.parser.reset();
      connection.continued = false;
      connection.stage = Stage::idle;
      connection.since_ms = now_ms_;
      continue;
    }
    if (status == ParseStatus::failed) {
      answer_error(connection, connection.parser.error_status());
      break;
    }
    if (connection.stage == Stage::idle) {
      connection.stage = Stage::reading;
      connection.since_ms = now_ms_;
    }
    if (connection.parser.expects_continue() && !connection.continued) {
      connection.continued = true;
      output_.append("HTTP/1.1 100 Continue\r\n\r\n");
    }
    break;
  }
  if (connection.close_after) done = bytes.size();  // nothing behind the last answer is ever read as a request
  if (done == bytes.size()) {
    if (bytes_are_input) connection.input = std::string();
  } else if (bytes_are_input) {
    connection.input.erase(0, done);
  } else {
    connection.input.assign(bytes.substr(done));
  }
  if (!output_.empty()) flush(connection);
}

void ConnectionLoop::answer(Connection& connection, std::string_view request_bytes) {
  connection.parser.fill(request_bytes, request_);
  request_.peer_address = connection.peer;
  Response response;
  try {
    response = shared_.handler(request_);
  } catch (...) {  // a handler must not throw; when one does, its client learns nothing and no other is harmed
    response = Response{};
    response.status = 500;
    response.connection = ConnectionUse::close;
  }
  const bool asked_to_close = !connection.parser.keep_alive();
  const bool closes = asked_to_close || response.connection == ConnectionUse::close || is_draining();
  const ResponseFrame frame{.body = request_.method == "HEAD" ? BodyUse::leave_out : BodyUse::send,
                            .version = request_.version,
                            .connection = closes ? ConnectionUse::close : ConnectionUse::keep,
                            .date = date_.now()};
  append_response(output_, response, frame);
  connection.served = true;
  if (closes) {
    connection.close_after = true;
    connection.linger_after = !asked_to_close;
  }
}

void ConnectionLoop::answer_error(Connection& connection, unsigned status) {
  Response response;
  response.status = status;
  append_response(output_, response, {.connection = ConnectionUse::close, .date = date_.now()});
  connection.close_after = true;
  connection.linger_after = true;
}

void ConnectionLoop::flush(Connection& connection) {
  const ssize_t sent = send(connection.descriptor, output_.data(), output_.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(output_.size())) return finish_answers(connection);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return close(connection);
  connection.output.assign(output_, sent < 0 ? 0 : static_cast<std::size_t>(sent));
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
  connection.stage = Stage::idle;
  watch(connection, EPOLLIN);
  finish_answers(connection);
}

// All answers are with the kernel. Requests may still wait in the input when the answers before them were many.
void ConnectionLoop::finish_answers(Connection& connection) {
  if (connection.close_after) return connection.linger_after ? linger(connection) : close(connection);
  if (connection.stage == Stage::idle && !connection.input.empty()) process(connection, connection.input, true);
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
        const bool spare_it = !connection.served && silent_ms < unserved_grace_ms;
        if (connection.stage == Stage::idle && !spare_it && (connection.served || stop_begun_)) close(connection);
      } else if (silent_ms > shared_.limits.idle_timeout_ms) {
        close(connection);
      }
      break;
    case Stage::reading:
      if (silent_ms <= shared_.limits.read_timeout_ms) break;
      output_.clear();
      answer_error(connection, 408);
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

void ConnectionLoop::close_longest_idle() {
  Connection* oldest = nullptr;
  for (const auto& connection : connections_)
    if (connection->stage == Stage::idle && (oldest == nullptr || connection->since_ms < oldest->since_ms)) oldest = connection.get();
  if (oldest != nullptr) close(*oldest);
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
    gone->parser.reset();
    gone->stage = Stage::idle;
    gone->served = gone->continued = gone->close_after = gone->linger_after = false;
    gone->input = std::string();
    gone->output = std::string();
    spare_.push_back(std::move(gone));
  }
}

}  // namespace packyard::http
