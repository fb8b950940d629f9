// Scope: which targets a command is about; what is unset means all. A plain value.
#pragma once

#include <optional>
#include <string>

#include "core/names.h"

namespace packyard {

struct Scope {
  std::optional<ComponentName> component;
  std::optional<Year> year;
  std::optional<Format> format;
  std::optional<TargetName> target;

  bool covers(const TargetId& id) const {
    return (!component || *component == id.component) && (!year || *year == id.year) && (!format || *format == id.format) &&
           (!target || *target == id.target);
  }
  bool is_everything() const { return !component && !year && !format && !target; }
};

}  // namespace packyard
