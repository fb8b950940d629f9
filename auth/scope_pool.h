// ScopePool: gives equal scopes one object, so that a hundred thousand keys of one component share it. What nobody holds any more
// goes when the pool has doubled. For one writer at a time; the scopes themselves are immutable and shared.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "storage/key_scope.h"

namespace packyard {

class ScopePool {
 public:
  std::shared_ptr<const KeyScope> one_of(const KeyScope& scope);
  std::size_t size() const { return scopes_.size(); }

 private:
  static constexpr std::size_t purge_size_min = 64;
  std::map<KeyScope, std::shared_ptr<const KeyScope>> scopes_;
  std::size_t purge_at_ = purge_size_min;
};

}  // namespace packyard
