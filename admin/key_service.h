// KeyService: makes, shows and revokes subscriber keys. A change is in force at every gate of this host when the call returns:
// the change signal is raised before and after each commit. The key itself exists only in what create() returns.
// Shared by the listener's threads; its parts must outlive it and be thread-safe (KeyStore, Clock, RandomSource are).
#pragma once

#include <string_view>
#include <vector>

#include "admin/error_catalog.h"
#include "admin/key_json.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/names.h"
#include "core/pepper.h"
#include "core/random_source.h"
#include "storage/change_signal.h"
#include "storage/key_store.h"

namespace packyard {

struct CreatedKey {
  KeyRecord record;
  Secret key;
};

class KeyService {
 public:
  struct Parts {
    KeyStore& store;
    ChangeSignal& signal;
    const Pepper& pepper;  // for new keys
    RandomSource& random;
    const Clock& clock;
    const Log& log;
    std::vector<ComponentName> components;  // those of the settings; keys of others still list
  };

  explicit KeyService(Parts parts);

  ApiResult<CreatedKey> create(const KeyRequest& request);
  ApiResult<std::vector<KeyRecord>> list();
  ApiResult<KeyRecord> find(std::string_view id);
  ApiResult<KeyRecord> revoke(std::string_view id);  // again: the same answer
  Timestamp now() const { return parts_.clock.now(); }

 private:
  ApiFailure failure_of(const Error& error) const;
  Parts parts_;
};

}  // namespace packyard
