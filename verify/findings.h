// Findings: what is wrong with a tree, collected from several threads. Bounded: a ruined store must not fill the memory; what is
// beyond the bound is only counted. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/guarded.h"
#include "core/log.h"
#include "verify/site_verifier.h"

namespace packyard {

class Findings {
 public:
  static constexpr std::size_t kept_max = 5'000;

  // Both parts may hold bytes from outside: they are escaped here.
  void add(std::string_view subject, std::string_view problem) {
    list_.with([&](List& list) {
      if (list.kept.size() < kept_max) list.kept.push_back({escape_for_log(subject, 500), escape_for_log(problem, 1'000)});
      else ++list.dropped;
    });
  }
  // Adds the error of a Result; true when there was none.
  template <class Outcome>
  bool accept(std::string_view subject, const Outcome& outcome) {
    if (!outcome) add(subject, outcome.error().message);
    return outcome.has_value();
  }
  // In order of subject, so that a report reads the same every time.
  std::vector<Finding> take() {
    return list_.with([](List& list) {
      std::ranges::stable_sort(list.kept, {}, &Finding::subject);
      if (list.dropped > 0) list.kept.push_back({"", std::to_string(list.dropped) + " more findings"});
      return std::move(list.kept);
    });
  }

 private:
  struct List {
    std::vector<Finding> kept;
    std::uint64_t dropped = 0;
  };
  Guarded<List> list_;
};

}  // namespace packyard
