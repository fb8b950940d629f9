// AdminCaller: who asks the admin for something, as its guard found out: for what they may do, and for the audit log. A value.
#pragma once

#include <string>

#include "core/settings.h"

namespace packyard {

struct AdminCaller {
  std::string name{};     // of the token; "anyone" where none is asked for
  std::string address{};  // the peer's: a proxy's or a tunnel's end, where there is one
  AdminRole role = AdminRole::read;

  bool may(AdminRole needed) const { return role >= needed; }
  bool operator==(const AdminCaller&) const = default;
};

}  // namespace packyard
