#include "auth/gate_metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>

#include "core/process_status.h"

namespace packyard {
namespace {

constexpr std::array<std::string_view, 4> formats = {"rpm", "deb", "oci", "none"};
constexpr std::size_t format_none = 3;

std::size_t format_of(const Decision& decision) {
  if (!decision.path) return format_none;
  switch (decision.path->area) {
    case RepositoryArea::rpm: return 0;
    case RepositoryArea::deb_index:
    case RepositoryArea::deb_pool: return 1;
    case RepositoryArea::registry_ping:
    case RepositoryArea::registry: return 2;
    case RepositoryArea::public_key: break;
  }
  return format_none;
}

// Which label sets can come up at all: those are exported as zeros from the start, so that rates begin at the first event.
bool is_expected(Reason reason, std::size_t format, bool is_registry_ping, bool names_component) {
  switch (reason) {
    case Reason::bad_path:
    case Reason::bad_headers:
    case Reason::public_file: return format == format_none && !names_component;
    case Reason::wrong_component:
    case Reason::wrong_year:
    case Reason::wrong_format: return format != format_none && names_component;
    case Reason::bad_method:  // also of /gpg/, which belongs to no component
      if (format == format_none) return !names_component;
      [[fallthrough]];
    default: return format != format_none && (names_component || is_registry_ping);
  }
}

std::size_t stripe_of_this_thread() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t stripe = next.fetch_add(1, std::memory_order_relaxed);
  return stripe;
}

using Labels = std::vector<prometheus::ClientMetric::Label>;

}  // namespace

struct GateMetrics::Page {
  std::vector<prometheus::MetricFamily> families;

  prometheus::MetricFamily& add(const char* name, const char* help, prometheus::MetricType type) {
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
    return family;
  }
  void add_gauge(const char* name, const char* help, double value, Labels labels = {}) {
    auto& metric = add(name, help, prometheus::MetricType::Gauge).metric.emplace_back();
    metric.label = std::move(labels);
    metric.gauge.value = value;
  }
  void add_counter(const char* name, const char* help, double value) {
    add(name, help, prometheus::MetricType::Counter).metric.emplace_back().counter.value = value;
  }
};

GateMetrics::GateMetrics(const std::vector<ComponentName>& components, std::function<GateState()> state)
    : state_(std::move(state)), requests_(all_reasons.size() * formats.size() * (components.size() + 2)) {
  for (const ComponentName& component : components) components_.push_back(component.text());
  components_.insert(components_.end(), {"other", "none"});
}

GateMetrics::~GateMetrics() = default;

std::size_t GateMetrics::counter_of(Reason reason, std::size_t format, std::size_t component) const {
  return (static_cast<std::size_t>(reason) * formats.size() + format) * components_.size() + component;
}

std::size_t GateMetrics::component_of(const Decision& decision) const {
  const std::size_t none = components_.size() - 1;
  if (!decision.path || decision.path->component.empty()) return none;
  for (std::size_t i = 0; i + 2 < components_.size(); ++i)
    if (components_[i] == decision.path->component) return i;
  return none - 1;
}

void GateMetrics::decided(const Decision& decision, std::chrono::nanoseconds duration) noexcept {
  requests_[counter_of(decision.reason, format_of(decision), component_of(decision))].fetch_add(1, std::memory_order_relaxed);
  const double seconds = static_cast<double>(duration.count()) * 1e-9;
  std::size_t bucket = 0;
  while (bucket < boundaries.size() && seconds > boundaries[bucket]) ++bucket;
  Durations& durations = durations_[stripe_of_this_thread() % durations_.size()];
  durations.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  durations.nanoseconds.fetch_add(static_cast<std::uint64_t>(duration.count()), std::memory_order_relaxed);
}

void GateMetrics::add_requests(Page& page) const {
  auto& family =
      page.add("packyard_auth_requests_total", "Decisions about subscribers' requests.", prometheus::MetricType::Counter);
  const std::size_t none = components_.size() - 1;
  for (const Reason reason : all_reasons)
    for (std::size_t format = 0; format < formats.size(); ++format)
      for (std::size_t component = 0; component < components_.size(); ++component) {
        const std::uint64_t count = requests_[counter_of(reason, format, component)].load(std::memory_order_relaxed);
        const bool is_ping = format == 2 && component == none;
        if (count == 0 && !is_expected(reason, format, is_ping, component != none)) continue;
        auto& metric = family.metric.emplace_back();
        metric.label = {{"outcome", std::string(to_string(outcome_of(reason)))},
                        {"reason", std::string(to_string(reason))},
                        {"format", std::string(formats[format])},
                        {"component", components_[component]}};
        metric.counter.value = static_cast<double>(count);
      }
}

void GateMetrics::add_durations(Page& page) const {
  auto& histogram =
      page.add("packyard_auth_duration_seconds", "Time from a parsed request to its decision.", prometheus::MetricType::Histogram)
          .metric.emplace_back()
          .histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t bucket = 0; bucket <= boundaries.size(); ++bucket) {
    for (const Durations& durations : durations_) cumulative += durations.buckets[bucket].load(std::memory_order_relaxed);
    const double bound = bucket < boundaries.size() ? boundaries[bucket] : std::numeric_limits<double>::infinity();
    auto& entry = histogram.bucket.emplace_back();
    entry.cumulative_count = cumulative;
    entry.upper_bound = bound;
  }
  std::uint64_t nanoseconds = 0;
  for (const Durations& durations : durations_) nanoseconds += durations.nanoseconds.load(std::memory_order_relaxed);
  histogram.sample_count = cumulative;
  histogram.sample_sum = static_cast<double>(nanoseconds) * 1e-9;
}

void GateMetrics::add_state(Page& page) const {
  const GateState state = state_();
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  page.add_gauge("packyard_build_info", "Always 1; the labels say what runs.", 1,
                 {{"version", PACKYARD_VERSION}, {"compiler", "g++ " __VERSION__}});
  page.add_gauge("packyard_keys", "Subscriber keys the gate knows, expired and revoked ones included.",
                 static_cast<double>(state.keys));
  page.add_gauge("packyard_index_current", "1 when the gate's keys are loaded and follow the key store, else 0.",
                 state.current ? 1 : 0);
  page.add_gauge("packyard_index_read_timestamp_seconds", "When the key store was last read.",
                 now - std::chrono::duration<double>(state.since_read).count());
  page.add_counter("packyard_usage_flush_failures_total", "Failed attempts to write how often keys were used.",
                   static_cast<double>(state.usage_flush_failures));
  const ProcessStatus process = read_process_status();
  page.add_counter("process_cpu_seconds_total", "Processor time used.", process.cpu_seconds);
  page.add_gauge("process_start_time_seconds", "When the process started.", process.start_time_seconds);
  page.add_gauge("process_resident_memory_bytes", "Resident memory.", static_cast<double>(process.resident_bytes));
  page.add_gauge("process_virtual_memory_bytes", "Virtual memory.", static_cast<double>(process.virtual_bytes));
  page.add_gauge("process_open_fds", "Open file descriptors.", static_cast<double>(process.open_descriptors));
  page.add_gauge("process_max_fds", "Most file descriptors the process may open.", static_cast<double>(process.descriptors_max));
}

std::string GateMetrics::exposition() const {
  Page page;
  add_requests(page);
  add_durations(page);
  add_state(page);
  return prometheus::TextSerializer().Serialize(page.families);
}

}  // namespace packyard
