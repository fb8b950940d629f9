#include "backup/backup_id.h"

#include <algorithm>

namespace packyard {
namespace {

constexpr std::size_t time_characters = 16;  // 20261121T201500Z

}  // namespace

std::string_view to_string(BackupKind kind) { return kind == BackupKind::daily ? "daily" : "before-change"; }

std::string BackupId::text() const {
  std::string time = made_at.rfc3339();
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  return time + "-" + std::string(to_string(kind));
}

Result<BackupId> BackupId::parse(std::string_view text) {
  const auto refuse = [] { return fail(ErrorCode::invalid, "a backup is named like 20261121T201500Z-daily or …-before-change"); };
  if (text.size() <= time_characters + 1) return refuse();
  const std::string digits(text.substr(0, time_characters));
  const auto time = Timestamp::parse_rfc3339(digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6, 5) + ":" +
                                             digits.substr(11, 2) + ":" + digits.substr(13));
  if (!time) return refuse();
  for (const BackupKind kind : {BackupKind::daily, BackupKind::before_change})
    if (const BackupId id{*time, kind}; id.text() == text) return id;
  return refuse();
}

}  // namespace packyard
