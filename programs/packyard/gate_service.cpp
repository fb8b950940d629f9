#include "programs/packyard/gate_service.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "auth/forward_auth_handler.h"
#include "auth/gate_metrics.h"
#include "core/http/beast_listener.h"
#include "core/http/pistache_listener.h"
#include "core/process_status.h"
#include "registry/registry_handler.h"
#include "registry/registry_metrics.h"

namespace packyard {
namespace {

constexpr std::chrono::milliseconds upkeep_period{1'000};
constexpr int upkeeps_per_flush = 2;

std::vector<ComponentName> component_names(const Settings& settings) {
  std::vector<ComponentName> names;
  for (const ComponentSettings& component : settings.components) names.push_back(component.name);
  return names;
}

// A connection is a descriptor; some must remain for the databases, the log and the other listeners. A front keeps a connection
// to the gate for every request that waits, and one to the registry for a part of them.
enum class DescriptorShare : std::uint64_t { gate = 8, registry = 4 };  // sixteenths
http::ListenerLimits limits_for_proxies(DescriptorShare share) {
  http::ListenerLimits limits;
  limits.drain_timeout_ms = 8'000;  // docker stop waits 10 s
  const std::uint64_t most = read_process_status().descriptors_max / 16 * static_cast<std::uint64_t>(share);
  limits.connections_max = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(most, 64, limits.connections_max));
  return limits;
}

http::Response unavailable_while_draining() {
  http::Response response;
  response.status = 503;
  response.headers = {{"Cache-Control", "no-store"}, {"Retry-After", "2"}, {"Content-Type", "text/plain; charset=utf-8"}};
  response.body = "stopping\n";
  return response;
}

http::Response metrics_page(const http::Request& request, const GateMetrics& metrics, const RegistryMetrics& registry) {
  http::Response response;
  if (request.target != "/metrics") {
    response.status = 404;
  } else if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.headers = {{"Allow", "GET, HEAD"}};
  } else {
    response.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}};
    response.body = metrics.exposition() + registry.exposition();
  }
  return response;
}

bool asks_for_health(const http::Request& request) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  return path == "/healthz" || path == "/readyz";
}

}  // namespace

struct GateService::Parts {
  Parts(const Settings& the_settings, KeyPlace& the_place, const Log& the_log)
      : settings(the_settings), place(the_place), log(the_log), peppers(the_place.all_peppers()) {}

  GateState state() {
    return {.keys = index.size(),
            .current = follower.ensure_current() == IndexState::current,
            .since_read = follower.age(),
            .usage_flush_failures = flush_failures.load()};
  }
  void keep_up();
  void flush_usage();

  const Settings& settings;
  KeyPlace& place;
  const Log& log;
  const std::vector<const Pepper*> peppers;
  std::unique_ptr<KeyStore> usage_store;
  SystemClock clock;
  UsageRecorder usage;
  KeyIndex index{usage};
  IndexFollower follower{*place.store, place.signal, index, log};
  Gatekeeper gatekeeper{follower, index, peppers, clock};
  GateMetrics metrics{component_names(settings), [this] { return state(); }};
  ForwardAuthHandler handler{gatekeeper, follower, metrics, settings.gate, log};
  RegistryMetrics registry_metrics;
  RegistryHandler registry{settings.storage.published.string(), registry_metrics, log};
  std::atomic<bool> draining{false};
  std::atomic<std::uint64_t> flush_failures{0};
  std::unique_ptr<http::HttpListener> proxies;
  std::unique_ptr<http::HttpListener> images;
  std::unique_ptr<http::HttpListener> observers;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread upkeep;
};

// Follows the store for signals that were missed, and writes usage; until told to stop.
void GateService::Parts::keep_up() {
  int round = 0;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, upkeep_period, [this] { return stopping; })) {
    lock.unlock();
    follower.poll();
    if (++round % upkeeps_per_flush == 0) flush_usage();
    lock.lock();
  }
}

void GateService::Parts::flush_usage() {
  const auto flushed = usage.flush(*usage_store, clock.now());
  if (flushed) return;
  flush_failures.fetch_add(1);
  log.warning("usage_not_written", {{"why", flushed.error().message}});
}

GateService::GateService(const Settings& settings, KeyPlace& place, const Log& log)
    : parts_(std::make_unique<Parts>(settings, place, log)) {}

GateService::~GateService() { stop(); }

Result<void> GateService::start() {
  Parts& parts = *parts_;
  raise_descriptor_limit();
  TRY_ASSIGN(parts.usage_store, open_key_store_again(parts.settings));
  if (auto loaded = parts.follower.load(); !loaded) return fail(loaded.error().in("loading the subscriber keys"));
  parts.flush_usage();  // nothing yet: hears how far limits of this day are used up
  const GateSettings& gate = parts.settings.gate;
  parts.proxies = http::make_beast_listener(
      gate.listen,
      [&parts](const http::Request& request) {
        if (parts.draining.load(std::memory_order_relaxed) && asks_for_health(request)) return unavailable_while_draining();
        return parts.handler.handle(request);
      },
      limits_for_proxies(DescriptorShare::gate), gate.threads);
  parts.images = http::make_beast_listener(
      gate.registry_listen, [&parts](const http::Request& request) { return parts.registry.handle(request); },
      limits_for_proxies(DescriptorShare::registry), gate.threads);
  parts.observers = http::make_pistache_listener(
      gate.metrics_listen,
      [&parts](const http::Request& request) { return metrics_page(request, parts.metrics, parts.registry_metrics); },
      {.header_bytes_max = 16 * 1024, .body_bytes_max = 1024, .drain_timeout_ms = 1'000, .connections_max = 64});
  TRY(parts.observers->start());
  TRY(parts.images->start());
  TRY(parts.proxies->start());
  parts.upkeep = std::thread([&parts] { parts.keep_up(); });
  parts.log.info("gate_ready", {{"port", parts.proxies->port()},
                                {"registry_port", parts.images->port()},
                                {"metrics_port", parts.observers->port()},
                                {"threads", gate.threads},
                                {"keys", parts.index.size()}});
  return {};
}

void GateService::begin_drain() {
  parts_->draining = true;
  if (parts_->proxies) parts_->proxies->begin_drain();
  if (parts_->images) parts_->images->begin_drain();
}

void GateService::stop() {
  Parts& parts = *parts_;
  {
    // Both at once: docker stop waits 10 s, and each may take its whole drain_timeout_ms.
    const std::jthread images_stop([&parts] {
      if (parts.images) parts.images->stop();
    });
    if (parts.proxies) parts.proxies->stop();
  }
  if (parts.observers) parts.observers->stop();
  if (!parts.upkeep.joinable()) return;
  {
    const std::lock_guard lock(parts.mutex);
    parts.stopping = true;
  }
  parts.wake.notify_all();
  parts.upkeep.join();
  parts.flush_usage();
}

}  // namespace packyard
