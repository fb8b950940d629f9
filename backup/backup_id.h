// BackupId: names one backup at its destination, "20261121T201500Z-daily" or "…-before-change": when it was begun and why. Sorts
// by time. A plain value.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/timestamp.h"

namespace packyard {

enum class BackupKind { daily, before_change };
std::string_view to_string(BackupKind kind);

struct BackupId {
  Timestamp made_at;
  BackupKind kind = BackupKind::daily;

  std::string text() const;
  static Result<BackupId> parse(std::string_view text);
  auto operator<=>(const BackupId&) const = default;
};

}  // namespace packyard
