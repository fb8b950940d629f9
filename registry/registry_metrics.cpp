#include "registry/registry_metrics.h"

#include <string_view>

namespace packyard {
namespace {

constexpr std::array<std::string_view, RegistryMetrics::kinds> kind_names = {"ping", "manifest",  "blob", "upload",
                                                                             "tags", "referrers", "other"};
constexpr std::array<std::string_view, 4> outcome_names = {"ok", "not_found", "refused", "error"};

std::size_t outcome_of(unsigned status) {
  if (status < 400) return 0;
  if (status == 404) return 1;
  return status < 500 ? 2 : 3;
}

}  // namespace

void RegistryMetrics::count(std::size_t kind, unsigned status) noexcept {
  counters_[kind * outcomes + outcome_of(status)].fetch_add(1, std::memory_order_relaxed);
}

std::string RegistryMetrics::exposition() const {
  std::string page =
      "# HELP packyard_registry_requests_total Answers of the image registry API, by what was asked for.\n"
      "# TYPE packyard_registry_requests_total counter\n";
  for (std::size_t kind = 0; kind < kinds; ++kind)
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome)
      page += "packyard_registry_requests_total{resource=\"" + std::string(kind_names[kind]) + "\",outcome=\"" +
              std::string(outcome_names[outcome]) + "\"} " +
              std::to_string(counters_[kind * outcomes + outcome].load(std::memory_order_relaxed)) + "\n";
  return page;
}

}  // namespace packyard
