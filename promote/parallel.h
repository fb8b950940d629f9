// Does work(0) … work(count - 1) on several threads, in no order; returns when all are done or one failed (the rest is then not
// begun). The first error by index among those met is returned. `work` must be safe to call from several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "core/guarded.h"
#include "core/result.h"

namespace packyard {

inline Result<void> for_each_parallel(std::size_t count, std::size_t threads_max,
                                      const std::function<Result<void>(std::size_t)>& work) {
  struct Failure {
    std::size_t index = SIZE_MAX;
    Error error;
  };
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> failed = false;
  Guarded<Failure> first;
  const auto run = [&] {
    while (!failed) {
      const std::size_t index = next++;
      if (index >= count) return;
      auto done = work(index);
      if (done) continue;
      failed = true;
      first.with([&](Failure& failure) {
        if (index < failure.index) failure = {index, done.error()};
      });
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t wanted = std::min(count, std::max<std::size_t>(1, threads_max));
    for (std::size_t i = 1; i < wanted; ++i) threads.emplace_back(run);
    run();
  }
  return first.with([](Failure& failure) -> Result<void> {
    if (failure.index == SIZE_MAX) return {};
    return fail(failure.error);
  });
}

}  // namespace packyard
