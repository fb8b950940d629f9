// AdminService: the admin API as a running whole, on a listener of its own that no proxy route leads to. Settings, place and log
// outlive it. Does not start on an address others can reach unless the settings allow it.
#pragma once

#include <memory>

#include "core/log.h"
#include "core/settings.h"
#include "programs/packyard/key_place.h"
#include "programs/packyard/service.h"

namespace packyard {

class AdminService final : public Service {
 public:
  // The place is its own, not a gate's of the same process: a write that waits for the disk must not hold up decisions.
  AdminService(const Settings& settings, KeyPlace& place, const Log& log);
  ~AdminService() override;

  Result<void> start() override;
  void begin_drain() override;
  void stop() override;

 private:
  struct Parts;
  const Settings& settings_;
  KeyPlace& place_;
  const Log& log_;
  std::unique_ptr<Parts> parts_;  // once started
};

}  // namespace packyard
