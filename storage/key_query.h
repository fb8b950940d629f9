// KeyQuery: which keys of a store, and how many at once; KeyPage: those, and where the next begin. Keys come by created_at, then id,
// which never change, and no row ever goes: a cursor stays good for ever, and whoever follows it meets each key that was there
// at the start exactly once, whatever is made or changed meanwhile. Plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "storage/key_status.h"
#include "storage/key_store.h"

namespace packyard {

struct KeyQuery {
  std::optional<ComponentName> component{};
  std::optional<KeyStatus> status{};  // at the time `now`
  Timestamp now{};
  std::optional<Timestamp> expires_before{};
  std::string search{};               // part of label, id or metadata; letters of ASCII in either case; empty: all
  std::optional<KeyCursor> after{};
  std::size_t limit = 0;              // 0: all
};

// The records that were found with one more than the limit, as a page.
KeyPage page_of(std::vector<KeyRecord> records, std::size_t limit);
// As searching folds it: A to Z alone.
std::string lower_case(std::string_view text);

}  // namespace packyard
