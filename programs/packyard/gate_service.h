// GateService: the gate as a running whole: keys in memory that follow the store, the listener that proxies ask, the image registry
// and the metrics page on listeners of their own, and a thread for what is due every second. Settings and log outlive it.
#pragma once

#include <memory>

#include "core/log.h"
#include "core/settings.h"
#include "programs/packyard/key_place.h"
#include "programs/packyard/service.h"

namespace packyard {

class GateService final : public Service {
 public:
  // The place outlives it.
  GateService(const Settings& settings, KeyPlace& place, const Log& log);
  ~GateService() override;

  Result<void> start() override;
  void begin_drain() override;
  void stop() override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace packyard
