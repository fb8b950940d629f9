#include "storage/key_query.h"

#include <utility>

namespace packyard {

KeyPage page_of(std::vector<KeyRecord> records, std::size_t limit) {
  if (limit == 0 || records.size() <= limit) return {std::move(records), std::nullopt};
  records.erase(records.begin() + static_cast<std::ptrdiff_t>(limit), records.end());
  const KeyCursor next{records.back().created_at, records.back().id};
  return {std::move(records), next};
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace packyard
