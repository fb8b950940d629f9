// BackupMetrics: what the backup tells Prometheus between its runs, as files in state/metrics/ for node_exporter's textfile
// collector, as promote/press_metrics does. Telling never fails a backup: a file that cannot be written is a warning in the log.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/log.h"
#include "core/timestamp.h"

namespace packyard {

enum class BackupResult { succeeded, failed };

class BackupMetrics {
 public:
  // `folder`: state/metrics
  BackupMetrics(std::filesystem::path folder, const Log& log) : folder_(std::move(folder)), log_(log) {}
  void finished(Timestamp now, BackupResult result) const;

 private:
  void write(std::string_view file_name, const std::string& text) const;
  std::filesystem::path folder_;
  const Log& log_;
};

}  // namespace packyard
