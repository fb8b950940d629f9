#include "core/http/pistache_listener.h"

#include <pistache/listener.h>
#include <pistache/peer.h>
#include <pistache/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "core/http/conversation.h"

namespace packyard::http {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr const char* state_name = "packyard";
constexpr std::size_t outstanding_bytes_max = 4 * 1024 * 1024;  // of a peer that asks and does not read
constexpr milliseconds linger_for{2'000};

// One connection. Its worker thread uses the conversation; the sweep looks at the rest under the registry's mutex.
struct PeerState {
  explicit PeerState(const ListenerLimits& limits) : conversation(limits) {}
  Conversation conversation;
  int descriptor = -1;
  std::size_t outstanding_bytes = 0;  // given to Pistache, not yet with the kernel
  bool in_request = false;
  bool ending = false;
  bool timed_out = false;
  bool has_answered = false;
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

// Pistache clones it for each worker thread.
class ByteHandler final : public Pistache::Tcp::Handler {
  PROTOTYPE_OF(Pistache::Tcp::Handler, ByteHandler)
 public:
  explicit ByteHandler(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), desk_{.handler = shared_->handler, .date = {}, .request = {}, .output = {}} {}
  ByteHandler(const ByteHandler& other) : ByteHandler(other.shared_) {}
  ByteHandler& operator=(const ByteHandler&) = delete;

  void onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    auto state = std::make_shared<PeerState>(shared_->limits);
    state->descriptor = static_cast<int>(peer->fd());
    state->since = SteadyClock::now();
    state->conversation.restart(peer->address().host());
    peer->putData(state_name, state);
    const std::lock_guard lock(shared_->mutex);
    if (shared_->peers.size() >= shared_->limits.connections_max) ::shutdown(state->descriptor, SHUT_RDWR);
    shared_->peers.emplace(state.get(), std::move(state));
  }

  void onDisconnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    const auto state = state_of(*peer);
    if (!state) return;
    const std::lock_guard lock(shared_->mutex);
    shared_->peers.erase(state.get());
    shared_->changed.notify_all();
  }

  void onInput(const char* buffer, std::size_t length, const std::shared_ptr<Pistache::Tcp::Peer>& peer) override {
    const auto state = state_of(*peer);
    if (!state) return;
    desk_.output.clear();
    desk_.draining = shared_->draining;
    Conversation& conversation = state->conversation;
    if (has_timed_out(*state)) return;
    conversation.take({buffer, length}, desk_);
    while (conversation.more_waits() && desk_.output.size() < outstanding_bytes_max) go_on(conversation);
    const bool too_much = note_progress(*state);
    if (too_much) {
      ::shutdown(state->descriptor, SHUT_RDWR);
      return;
    }
    if (!desk_.output.empty()) send(*peer, state);
  }

 private:
  static std::shared_ptr<PeerState> state_of(const Pistache::Tcp::Peer& peer) {
    return std::static_pointer_cast<PeerState>(peer.tryGetData(state_name));
  }

  // The conversation stops when the desk is full; here the answers go on in one piece.
  void go_on(Conversation& conversation) {
    std::string so_far;
    so_far.swap(desk_.output);
    conversation.take({}, desk_);
    desk_.output.insert(0, so_far);
  }

  bool has_timed_out(const PeerState& state) {
    const std::lock_guard lock(shared_->mutex);
    return state.timed_out;
  }

  // True when the peer leaves too many answers unread.
  bool note_progress(PeerState& state) {
    const std::lock_guard lock(shared_->mutex);
    const bool was_in_request = state.in_request;
    state.in_request = state.conversation.in_request();
    state.has_answered = state.conversation.has_answered();
    if (!state.in_request || !was_in_request) state.since = SteadyClock::now();
    if (state.conversation.end() != Conversation::End::open && !state.ending) {
      state.ending = true;
      state.since = SteadyClock::now();
    }
    state.outstanding_bytes += desk_.output.size();
    shared_->changed.notify_all();
    return state.outstanding_bytes > outstanding_bytes_max;
  }

  void send(Pistache::Tcp::Peer& peer, const std::shared_ptr<PeerState>& state) {
    const std::size_t size = desk_.output.size();
    const Conversation::End end = state->conversation.end();
    peer.send(Pistache::RawBuffer(desk_.output, size), MSG_NOSIGNAL)
        .then(
            [shared = shared_, state, size, end](ssize_t) {
              const std::lock_guard lock(shared->mutex);
              state->outstanding_bytes -= std::min(size, state->outstanding_bytes);
              shared->changed.notify_all();
              if (!shared->peers.contains(state.get())) return;
              if (end == Conversation::End::linger) ::shutdown(state->descriptor, SHUT_WR);
              if (end == Conversation::End::close) ::shutdown(state->descriptor, SHUT_RDWR);
            },
            [](const std::exception_ptr&) {});  // the peer is gone: Pistache reports the disconnection
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
    const std::string attempted = "listening on " + address_.host + ":" + std::to_string(address_.port);
    try {
      namespace tcp = Pistache::Tcp;
      const std::string host = address_.host.find(':') == std::string::npos ? address_.host : "[" + address_.host + "]";
      listener_ = std::make_unique<tcp::Listener>(Pistache::Address(host, Pistache::Port(address_.port)));
      Pistache::Flags<tcp::Options> options(tcp::Options::NoDelay);
      options.setFlag(tcp::Options::ReuseAddr).setFlag(tcp::Options::CloseOnExec);
      listener_->init(threads_, options, "http");
      listener_->setHandler(std::make_shared<ByteHandler>(shared_));
      listener_->bind();
      port_ = static_cast<std::uint16_t>(listener_->getPort());
      listener_->runThreaded();
    } catch (const std::exception& failure) {
      listener_.reset();
      return fail(ErrorCode::unavailable,
                  attempted + ": " + failure.what() + "; is another program there? choose another address in the settings");
    }
    stopping_ = false;
    sweeper_ = std::thread([this] { sweep_until_stopped(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void begin_drain() override {
    shared_->draining = true;
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [key, state] : shared_->peers)
      if (!state->in_request && state->has_answered && state->outstanding_bytes == 0) ::shutdown(state->descriptor, SHUT_RDWR);
  }

  void stop() override {
    if (!listener_) return;
    begin_drain();
    {
      std::unique_lock lock(shared_->mutex);
      const auto busy = [this] {
        return std::ranges::any_of(
            shared_->peers, [](const auto& peer) { return peer.second->in_request || peer.second->outstanding_bytes > 0; });
      };
      shared_->changed.wait_for(lock, milliseconds(shared_->limits.drain_timeout_ms), [&] { return !busy(); });
      for (const auto& [key, state] : shared_->peers) ::shutdown(state->descriptor, SHUT_RDWR);
      shared_->changed.wait_for(lock, milliseconds(1'000), [this] { return shared_->peers.empty(); });
      stopping_ = true;
      shared_->changed.notify_all();
    }
    sweeper_.join();
    listener_->shutdown();
    listener_.reset();
  }

 private:
  void sweep_until_stopped() {
    const std::uint32_t shortest = std::min({shared_->limits.read_timeout_ms, shared_->limits.idle_timeout_ms, 4'000U});
    const milliseconds period(std::clamp(shortest / 4, 10U, 1'000U));
    auto next = SteadyClock::now() + period;
    std::unique_lock lock(shared_->mutex);
    while (!stopping_) {
      if (shared_->changed.wait_until(lock, next) != std::cv_status::timeout) continue;
      next = SteadyClock::now() + period;
      for (const auto& [key, state] : shared_->peers) judge_silence(*state);
    }
  }

  void judge_silence(PeerState& state) {
    const auto silent = SteadyClock::now() - state.since;
    const auto limit = state.ending
                           ? linger_for
                           : milliseconds(state.in_request ? shared_->limits.read_timeout_ms : shared_->limits.idle_timeout_ms);
    if (silent <= limit) return;
    if (state.in_request && !state.ending) say_timed_out(state);
    ::shutdown(state.descriptor, SHUT_RDWR);
  }

  // The conversation belongs to its worker; nothing of it is outstanding here, so the one answer can go straight to the socket.
  void say_timed_out(PeerState& state) {
    state.timed_out = true;
    if (state.outstanding_bytes > 0) return;
    Response response;
    response.status = 408;
    std::string bytes;
    DateText date;
    append_response(bytes, response, {.connection = ConnectionUse::close, .date = date.now()});
    [[maybe_unused]] const auto sent = ::send(state.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }

  const ListenAddress address_;
  const std::uint32_t threads_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<Pistache::Tcp::Listener> listener_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::thread sweeper_;
};

}  // namespace

std::unique_ptr<HttpListener> make_pistache_listener(const ListenAddress& address, Handler handler, const ListenerLimits& limits,
                                                     std::uint32_t threads) {
  return std::make_unique<PistacheListener>(address, std::move(handler), limits, threads);
}

}  // namespace packyard::http
