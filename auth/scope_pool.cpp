#include "auth/scope_pool.h"

#include <algorithm>

namespace packyard {

std::shared_ptr<const KeyScope> ScopePool::one_of(const KeyScope& scope) {
  const auto found = scopes_.find(scope);
  if (found != scopes_.end()) return found->second;
  if (scopes_.size() >= purge_at_) {
    std::erase_if(scopes_, [](const auto& entry) { return entry.second.use_count() == 1; });
    purge_at_ = std::max(purge_size_min, scopes_.size() * 2);
  }
  return scopes_.emplace(scope, std::make_shared<const KeyScope>(scope)).first->second;
}

}  // namespace packyard
