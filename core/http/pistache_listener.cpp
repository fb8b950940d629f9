#include "core/http/pistache_listener.h"

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "core/http/conversation.h"
#include "core/http/listening_socket.h"

namespace packyard::http {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr const char* state_name = "packyard";
constexpr std::size_t pending_bytes_max = 8 * 1024 * 1024;  // of a peer that asks and does not read
constexpr milliseconds linger_for{2'000};
constexpr milliseconds accept_pause{100};
constexpr milliseconds retry_writes_after{5};

// One connection. Its worker uses the conversation; the rest is looked at under the mutex of Shared.
struct PeerState {
  explicit PeerState(const ListenerLimits& limits) : conversation(limits) {}
  Conversation conversation;
  int descriptor = -1;
  std::string pending;  // answers the kernel has not taken yet
  bool in_request = false;
  bool has_answered = false;
  bool timed_out = false;
  Conversation::End end = Conversation::End::open;
  SteadyClock::time_point since;
};

struct Shared {
  Handler handler;
  ListenerLimits limits;
  std::atomic<bool> draining{false};
  std::mutex mutex;
  std::condition_variable changed;
  std::map<const PeerState*, std::shared_ptr<PeerState>> peers;  // only those whose descriptor is open
};

// Under the mutex: gives the kernel what it takes, and ends the connection after the last byte when it has to end.
void write_pending(PeerState& state) {
  while (!state.pending.empty()) {
    const ssize_t sent = ::send(state.descriptor, state.pending.data(), state.pending.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (sent < 0) {
      state.pending.clear();
      ::shutdown(state.descriptor, SHUT_RDWR);
      return;
    }
    state.pending.erase(0, static_cast<std::size_t>(sent));
    state.since = SteadyClock::now();
  }
  if (state.end == Conversation::End::linger) ::shutdown(state.descriptor, SHUT_WR);
  if (state.end == Conversation::End::close) ::shutdown(state.descriptor, SHUT_RDWR);
}

// Pistache clones it for each worker thread.
class ByteHandler final : public Pistache::Tcp::Handler {
  PROTOTYPE_OF(Pistache::Tcp::Handler, ByteHandler)
 public:
  explicit ByteHandler(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), desk_{.handler = shared_->handler, .date = {}, .request = {}, .output = {}} {}
  ByteHandler(const ByteHandler& other) : ByteHandler(other.shared_) {}
  ByteHandler& operator=(const ByteHandler&) = delete;

  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    const auto state = state_of(*peer);
    const std::lock_guard lock(shared_->mutex);
    shared_->peers.erase(state.get());
    shared_->changed.notify_all();
  }

  void onInput(const char* buffer, std::size_t length, const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    const auto state = state_of(*peer);
    {
      const std::lock_guard lock(shared_->mutex);
      if (state->timed_out) return;  // it has had its 408
    }
    std::string answers;
    desk_.draining = shared_->draining;
    std::string_view bytes(buffer, length);
    do {
      desk_.output.clear();
      state->conversation.take(bytes, desk_);
      answers += desk_.output;
      bytes = {};
    } while (state->conversation.more_waits() && answers.size() < pending_bytes_max);
    note(*state, answers);
  }

 private:
  static std::shared_ptr<PeerState> state_of(const Pistache::Tcp::Peer& peer) {
    return std::static_pointer_cast<PeerState>(peer.getData(state_name));
  }

  void note(PeerState& state, const std::string& answers) {
    const std::lock_guard lock(shared_->mutex);
    const Conversation& conversation = state.conversation;
    const bool goes_on = state.in_request && conversation.in_request() && answers.empty();
    state.in_request = conversation.in_request();
    state.has_answered = conversation.has_answered();
    if (!goes_on && state.end == Conversation::End::open) state.since = SteadyClock::now();
    state.end = conversation.end();
    if (!answers.empty()) {
      state.pending += answers;
      write_pending(state);
    }
    if (state.pending.size() >= pending_bytes_max || conversation.more_waits()) ::shutdown(state.descriptor, SHUT_RDWR);
    shared_->changed.notify_all();
  }

  std::shared_ptr<Shared> shared_;
  ConversationDesk desk_;
};

class PistacheListener final : public HttpListener {
 public:
  PistacheListener(const ListenAddress& address, Handler handler, const ListenerLimits& limits, std::uint32_t threads)
      : address_(address), threads_(std::max(threads, 1U)), shared_(std::make_shared<Shared>()) {
    shared_->handler = std::move(handler);
    shared_->limits = limits;
  }

  ~PistacheListener() override { stop(); }

  Result<void> start() override {
    TRY_ASSIGN(socket_, ListeningSocket::open(address_));
    wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake_ < 0) return fail(system_error("making an event descriptor for a listener"));
    try {
      reactor_ = Pistache::Aio::Reactor::create();
      reactor_->init(Pistache::Aio::AsyncContext(threads_, "http"));
      transport_ = reactor_->addHandler(std::make_shared<Pistache::Tcp::Transport>(std::make_shared<ByteHandler>(shared_)));
      reactor_->run();
    } catch (const std::exception& failure) {
      return fail(ErrorCode::internal, "starting Pistache's reactor for port " + std::to_string(port()) + ": " + failure.what());
    }
    accepting_ = true;
    front_ = std::thread([this] { accept_and_sweep(); });
    return {};
  }

  std::uint16_t port() const override { return socket_.port(); }

  void begin_drain() override {
    shared_->draining = true;
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [key, state] : shared_->peers)
      if (!state->in_request && state->has_answered && state->pending.empty()) ::shutdown(state->descriptor, SHUT_RDWR);
  }

  void stop() override {
    if (!front_.joinable()) return;
    begin_drain();
    set_accepting(false);
    {
      std::unique_lock lock(shared_->mutex);
      const auto is_busy = [](const auto& peer) { return peer.second->in_request || !peer.second->pending.empty(); };
      shared_->changed.wait_for(lock, milliseconds(shared_->limits.drain_timeout_ms),
                                [&] { return std::ranges::none_of(shared_->peers, is_busy); });
      for (const auto& [key, state] : shared_->peers) ::shutdown(state->descriptor, SHUT_RDWR);
      shared_->changed.wait_for(lock, milliseconds(1'000), [this] { return shared_->peers.empty(); });
    }
    stopping_ = true;
    wake_front();
    front_.join();
    reactor_->shutdown();
    reactor_.reset();
    socket_.close();
    ::close(wake_);
  }

 private:
  void set_accepting(bool accepting) {
    accepting_ = accepting;
    wake_front();
  }

  void wake_front() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

  // One thread lets connections in, watches silence and goes on with writes the kernel did not take.
  void accept_and_sweep() {
    const std::uint32_t shortest = std::min({shared_->limits.read_timeout_ms, shared_->limits.idle_timeout_ms, 4'000U});
    const milliseconds period(std::clamp(shortest / 4, 10U, 1'000U));
    bool writes_wait = false;
    bool paused = false;
    while (!stopping_) {
      const milliseconds wait = writes_wait ? retry_writes_after : paused ? std::min(accept_pause, period) : period;
      std::array<pollfd, 2> waited{pollfd{wake_, POLLIN, 0}, pollfd{socket_.descriptor(), POLLIN, 0}};
      poll(waited.data(), accepting_ && !paused ? 2 : 1, static_cast<int>(wait.count()));
      std::uint64_t ignored = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &ignored, sizeof ignored);
      if (accepting_) paused = !accept_waiting();
      const std::lock_guard lock(shared_->mutex);
      writes_wait = false;
      for (const auto& [key, state] : shared_->peers) {
        if (!state->pending.empty()) write_pending(*state);
        writes_wait = writes_wait || !state->pending.empty();
        judge_silence(*state);
      }
    }
  }

  // False when descriptors or memory have run out: the thread rests then instead of spinning.
  bool accept_waiting() {
    while (true) {
      auto accepted = accept_connection(socket_.descriptor());
      if (!accepted) return accepted.error() == EAGAIN || accepted.error() == EINTR || accepted.error() == ECONNABORTED;
      adopt(std::move(*accepted));
    }
  }

  void adopt(Accepted accepted) {
    auto state = std::make_shared<PeerState>(shared_->limits);
    state->descriptor = accepted.descriptor;
    state->since = SteadyClock::now();
    state->conversation.restart(std::move(accepted.peer));
    {
      const std::lock_guard lock(shared_->mutex);
      if (shared_->peers.size() >= shared_->limits.connections_max) {
        ::close(accepted.descriptor);
        return;
      }
      shared_->peers.emplace(state.get(), state);
    }
    const auto peer = Pistache::Tcp::Peer::Create(accepted.descriptor, Pistache::Address());
    peer->putData(state_name, state);
    const auto transports = reactor_->handlers(transport_);
    const auto chosen = transports[static_cast<std::size_t>(accepted.descriptor) % transports.size()];
    std::static_pointer_cast<Pistache::Tcp::Transport>(chosen)->handleNewPeer(peer);
  }

  void judge_silence(PeerState& state) {
    const auto silent = SteadyClock::now() - state.since;
    const bool busy = state.in_request || !state.pending.empty();
    const milliseconds limit = state.end != Conversation::End::open || state.timed_out ? linger_for
                               : busy ? milliseconds(shared_->limits.read_timeout_ms)
                                      : milliseconds(shared_->limits.idle_timeout_ms);
    if (silent <= limit) return;
    if (state.in_request && state.pending.empty() && !state.timed_out) return say_timed_out(state);
    ::shutdown(state.descriptor, SHUT_RDWR);
  }

  // The conversation belongs to its worker, which ignores what comes from now on; the one answer goes straight out.
  static void say_timed_out(PeerState& state) {
    state.timed_out = true;
    state.in_request = false;
    state.end = Conversation::End::linger;
    Response response;
    response.status = 408;
    DateText date;
    append_response(state.pending, response, {.connection = ConnectionUse::close, .date = date.now()});
    write_pending(state);
  }

  const ListenAddress address_;
  const std::uint32_t threads_;
  std::shared_ptr<Shared> shared_;
  ListeningSocket socket_;
  std::shared_ptr<Pistache::Aio::Reactor> reactor_;
  Pistache::Aio::Reactor::Key transport_;
  int wake_ = -1;
  std::atomic<bool> accepting_{false};
  std::atomic<bool> stopping_{false};
  std::thread front_;
};

}  // namespace

std::unique_ptr<HttpListener> make_pistache_listener(const ListenAddress& address, Handler handler, const ListenerLimits& limits,
                                                     std::uint32_t threads) {
  return std::make_unique<PistacheListener>(address, std::move(handler), limits, threads);
}

}  // namespace packyard::http
