// BackgroundSink: passes bytes in large pieces to a sink that works on a thread of its own (compressing, say), so that several
// index files are compressed at once while the catalog is read once. At most 1 MiB waits; write() then blocks. Written and
// finished by one thread; what the sink reports comes back from a later write or from finish.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/result.h"
#include "promote/compressor.h"

namespace packyard {

class BackgroundSink {
 public:
  explicit BackgroundSink(ByteSink sink);
  BackgroundSink(const BackgroundSink&) = delete;
  BackgroundSink& operator=(const BackgroundSink&) = delete;
  ~BackgroundSink();

  Result<void> write(std::string_view bytes);
  // Waits until the sink has everything; call once, last.
  Result<void> finish();

 private:
  Result<void> hand_over();
  void work();
  void close();

  ByteSink sink_;
  std::string pending_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;  // guarded by mutex_, as are the two below
  bool closed_ = false;
  Result<void> outcome_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace packyard
