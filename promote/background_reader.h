// BackgroundReader: lets a parser that pulls its bytes (libarchive) work on a thread of its own while somebody else pushes them,
// so that both use a core. At most 1 MiB waits; write() then blocks. Written and finished by one thread. Failures of the reader
// come back from a later write or from finish. Destroyed unfinished, the reader's source fails and the thread ends.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/result.h"
#include "promote/decompressor.h"

namespace packyard {

class BackgroundReader {
 public:
  // Reads the source to its end, or fails.
  using Reader = std::function<Result<void>(const ByteSource& source)>;

  explicit BackgroundReader(Reader reader);
  BackgroundReader(const BackgroundReader&) = delete;
  BackgroundReader& operator=(const BackgroundReader&) = delete;
  ~BackgroundReader();

  // What the reader failed with, from then on. Bytes after its early success are dropped.
  Result<void> write(std::string_view bytes);
  // The source ends; waits for the reader. Call once, last.
  Result<void> finish();

 private:
  enum class State { open, finished, abandoned };
  Result<void> hand_over();
  void end(State state);
  Result<std::string_view> next();
  void work();

  Reader reader_;
  std::string pending_;  // of the writer
  std::string current_;  // of the reader: the piece it looks at
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;    // guarded by mutex_, as are the four below
  std::vector<std::string> spares_;  // used pieces, whose memory is taken again
  State state_ = State::open;
  bool reader_ended_ = false;
  Result<void> outcome_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace packyard
