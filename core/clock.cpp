#include "core/clock.h"

#include <thread>

namespace packyard {

Timestamp SystemClock::now() const {
  return Timestamp{std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

void SystemClock::sleep_for(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

}  // namespace packyard
