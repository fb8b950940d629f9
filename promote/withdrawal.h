// Withdrawal: a published file is listed nowhere from now on and its name is never used again; purging also removes the bytes,
// from pool/ and the archive, at once. Takes the store's lock.
#pragma once

#include <string>

#include "promote/press_parts.h"
#include "promote/rollback.h"
#include "promote/scope.h"

namespace packyard {

enum class WithdrawnBytes { kept_while_releases_need_them, purged };

struct WithdrawalRequest {
  std::string file_name;  // as published: acme-1.0-1.el9.x86_64.rpm
  Scope scope;
  WithdrawnBytes bytes = WithdrawnBytes::kept_while_releases_need_them;
};

// not_found when nothing was published under the name within the scope.
Result<ChangeOutcome> withdraw(const PressParts& parts, const WithdrawalRequest& request);

}  // namespace packyard
