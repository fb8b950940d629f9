// RegistryMetrics: counts the registry API's answers by what was asked for and how it ended, and writes them for the metrics
// page. count(): many threads at once, never waits. exposition(): any thread; Prometheus text format 0.0.4.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace packyard {

class RegistryMetrics {
 public:
  // As labels: ping, manifest, blob, upload, tags, referrers, other.
  static constexpr std::size_t kinds = 7;
  static constexpr std::size_t kind_other = kinds - 1;

  void count(std::size_t kind, unsigned status) noexcept;
  std::string exposition() const;

 private:
  static constexpr std::size_t outcomes = 4;  // ok, not_found, refused, error
  std::array<std::atomic<std::uint64_t>, kinds * outcomes> counters_{};
};

}  // namespace packyard
