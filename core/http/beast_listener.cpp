#include "core/http/beast_listener.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "core/http/connection_loop.h"
#include "core/http/listening_socket.h"
#include "core/http/stall_watch.h"

namespace packyard::http {
namespace {

class BeastListener final : public HttpListener {
 public:
  BeastListener(const ListenAddress& address, Handler handler, const ListenerLimits& limits, std::uint32_t threads)
      : address_(address), threads_wanted_(std::max(threads, 1U)) {
    shared_.handler = std::move(handler);
    shared_.limits = limits;
  }

  ~BeastListener() override { stop(); }

  Result<void> start() override {
    TRY_ASSIGN(socket_, ListeningSocket::open(address_));
    for (std::uint32_t i = 0; i < threads_wanted_; ++i) {
      loops_.push_back(std::make_unique<ConnectionLoop>(shared_, socket_.descriptor()));
      TRY(loops_.back()->prepare());
    }
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
    watch_ = std::make_unique<StallWatch>("HTTP listener on port " + std::to_string(port()), shared_.limits.stall_timeout_ms,
                                          [this] { return beats_of_loops(); });
    return {};
  }

  std::uint16_t port() const override { return socket_.port(); }

  void begin_drain() override {
    shared_.draining = true;
    for (const auto& loop : loops_) loop->wake();
  }

  void stop() override {
    if (threads_.empty()) return;
    shared_.draining = true;
    shared_.stopping = true;
    for (const auto& loop : loops_) loop->wake();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    watch_.reset();
    loops_.clear();
    socket_.close();
  }

 private:
  // A sum would hide one stalled thread behind the others; each is looked at.
  std::vector<std::uint64_t> beats_of_loops() const {
    std::vector<std::uint64_t> beats;
    for (const auto& loop : loops_) beats.push_back(loop->has_ended() ? StallWatch::ended : loop->beats());
    return beats;
  }

  const ListenAddress address_;
  const std::uint32_t threads_wanted_;
  LoopShared shared_;
  ListeningSocket socket_;
  std::vector<std::unique_ptr<ConnectionLoop>> loops_;
  std::vector<std::thread> threads_;
  std::unique_ptr<StallWatch> watch_;
};

}  // namespace

std::unique_ptr<HttpListener> make_beast_listener(const ListenAddress& address, Handler handler, const ListenerLimits& limits,
                                                  std::uint32_t threads) {
  return std::make_unique<BeastListener>(address, std::move(handler), limits, threads);
}

}  // namespace packyard::http
