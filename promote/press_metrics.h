// PressMetrics: what the press tells Prometheus between its runs, as files in state/metrics/ that node_exporter's textfile
// collector reads (text exposition format 0.0.4). Each file is replaced as a whole. Telling never stops publishing: a file that
// cannot be written is a warning in the log. Used by the holder of the store's lock, or by a command that failed before it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/log.h"
#include "core/settings.h"
#include "core/timestamp.h"
#include "storage/catalog.h"

namespace packyard {

enum class PromotionResult { succeeded, failed };

class PressMetrics {
 public:
  PressMetrics(const Settings& settings, const Log& log);

  void promotion_started(Timestamp now) const;
  void promotion_finished(Timestamp now, PromotionResult result) const;
  // The release that customers read from now on, and until when its indexes are valid.
  void release_live(Catalog& catalog, std::uint64_t number) const;
  // Unset: it never expires.
  void signing_key_expires(std::optional<Timestamp> expiry) const;

 private:
  Result<std::string> describe_release(Catalog& catalog, std::uint64_t number) const;
  void write(std::string_view file_name, const Result<std::string>& text) const;
  const Settings& settings_;
  const Log& log_;
  std::filesystem::path folder_;
};

}  // namespace packyard
