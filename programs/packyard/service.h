// Service: a part of a resident process: starts, drains, stops. run_services (programs/packyard/run_services.h) calls these from
// one thread, in this order.
#pragma once

#include "core/result.h"

namespace packyard {

class Service {
 public:
  virtual ~Service() = default;
  virtual Result<void> start() = 0;
  virtual void begin_drain() = 0;  // from now on health fails and connections are not kept
  virtual void stop() = 0;         // returns when nothing of it runs any more; also after a start that failed
};

}  // namespace packyard
