// Query parameters, questions and requests to promote of the admin API: no error carries bytes that steer a terminal, and what is taken
// reads back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "admin/key_check.h"
#include "admin/list_request.h"
#include "admin/promotion_fields.h"
#include "admin/query_text.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

void demand_printable(std::string_view text) {
  for (const char c : text) demand(c >= 0x20 && c <= 0x7E);
}

void judge_promotions(std::string_view text) {
  if (const auto fields = packyard::parse_promotion_fields(text))
    demand(packyard::parse_promotion_fields(packyard::promotion_fields_json(*fields)) == *fields);
  else
    demand_printable(fields.error().detail);
  if (const auto page = packyard::parse_promotion_list_request(text)) {
    const packyard::PromotionId last{7};
    const auto next = packyard::parse_promotion_list_request(packyard::next_promotions_text(*page, last));
    demand(next && next->limit == page->limit && next->before == last);
  } else {
    demand_printable(page.error().detail);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const packyard::Timestamp now{1'767'225'600};
  if (const auto parameters = packyard::parse_query_text(text)) {
    const auto again = packyard::parse_query_text(packyard::query_text(*parameters));
    demand(again && again->size() == parameters->size());
  }
  const auto query = packyard::parse_list_request(text, now);
  if (!query) demand_printable(query.error().detail);
  if (query && query->limit > 0) {
    const packyard::KeyCursor cursor{now, packyard::KeyId{"key_0123456789abcdef"}};
    const auto next = packyard::parse_list_request(packyard::next_page_text(*query, cursor), now);
    demand(next && next->after == cursor && next->search == query->search);
  }
  if (const auto check = packyard::parse_check_request(text))
    demand(packyard::parse_check_request(packyard::check_request_json(*check)).has_value());
  else
    demand_printable(check.error().detail);
  static_cast<void>(packyard::parse_check_view(text));
  judge_promotions(text);
  return 0;
}
