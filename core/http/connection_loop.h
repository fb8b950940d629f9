// ConnectionLoop: one thread that accepts connections, reads requests, calls the handler and writes answers. Several loops may
// share one listening socket. Waiting is one epoll; a coarse sweep closes what has been silent too long, so that a request sets
// no timer. A request on a warm connection costs one recv and one send; what arrived pipelined is answered with one send.
// Owned by a listener, which calls run() on a thread of its own; the other functions may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/http/conversation.h"
#include "core/http/http_message.h"
#include "core/result.h"

namespace packyard::http {

// What the loops of one listener share. Outlives them.
struct LoopShared {
  Handler handler;
  ListenerLimits limits;
  std::atomic<bool> draining{false};
  std::atomic<bool> stopping{false};
  std::atomic<std::uint32_t> connections{0};
};

class ConnectionLoop {
 public:
  ConnectionLoop(LoopShared& shared, int listening_descriptor);
  ~ConnectionLoop();
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  Result<void> prepare();
  void run();   // until stopping, and every connection has ended or its time is up
  void wake();  // after draining or stopping was set
  // Rises at least once a second while the loop is alive.
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }
  bool has_ended() const { return ended_.load(std::memory_order_relaxed); }

 private:
  enum class Stage { idle, reading, writing, lingering, closed };
  struct Connection;

  void accept_some();
  void pause_accepting();
  void resume_accepting();
  void adopt(int descriptor, std::string peer);
  void on_event(Connection& connection, std::uint32_t events);
  void on_readable(Connection& connection);
  void on_writable(Connection& connection);
  void take(Connection& connection, std::string_view bytes);
  void flush(Connection& connection);
  void after_answers(Connection& connection);
  void linger(Connection& connection);
  void close(Connection& connection);
  void watch(Connection& connection, std::uint32_t events);
  void sweep();
  void judge_silence(Connection& connection);
  bool close_longest_idle();
  void remove_closed();
  void begin_stop();
  bool is_draining() const { return shared_.draining.load(std::memory_order_relaxed); }

  LoopShared& shared_;
  int listening_;
  int epoll_ = -1;
  int wake_event_ = -1;
  bool accepting_ = false;
  bool stop_begun_ = false;
  std::int64_t accept_paused_ms_ = 0;
  std::int64_t now_ms_ = 0;
  std::int64_t last_sweep_ms_ = 0;
  std::int64_t sweep_period_ms_ = 1000;
  std::int64_t stop_deadline_ms_ = 0;
  std::atomic<std::uint64_t> beats_{0};
  std::atomic<bool> ended_{false};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> spare_;  // kept for the next accept: a proxy may open one per request
  bool some_closed_ = false;
  std::vector<char> scratch_;  // what recv fills; an idle connection holds no buffer
  ConversationDesk desk_;
};

}  // namespace packyard::http
