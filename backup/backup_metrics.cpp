#include "backup/backup_metrics.h"

#include "core/durable_file.h"

namespace packyard {
namespace {

std::string gauge(std::string_view name, std::string_view help, std::int64_t value) {
  return "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " gauge\n" +
         std::string(name) + " " + std::to_string(value) + "\n";
}

}  // namespace

void BackupMetrics::write(std::string_view file_name, const std::string& text) const {
  auto written = make_folders(folder_);
  if (written) written = write_file_durably(folder_ / file_name, text, FileMode::world_readable);
  if (!written) log_.warning("metrics_not_written", {{"file", file_name}, {"error", written.error().message}});
}

void BackupMetrics::finished(Timestamp now, BackupResult result) const {
  const bool succeeded = result == BackupResult::succeeded;
  if (succeeded)
    write("backup_success.prom",
          gauge("packyard_backup_last_success_timestamp_seconds", "When a backup last was made whole.", now.seconds));
  write("backup_result.prom",
        gauge("packyard_backup_succeeded", "1 when the last backup was made whole, else 0.", succeeded ? 1 : 0));
}

}  // namespace packyard
