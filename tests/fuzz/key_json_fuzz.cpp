// Bodies of the admin API and its answers as a client reads them. What is taken must be what would be written back, and no error
// may carry bytes that steer a terminal.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "admin/key_fields.h"
#include "admin/key_json.h"
#include "admin/key_rules.h"
#include "admin/label.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7E) return false;
  return true;
}

// What the rules take is shown as it was stored, and reads back as an answer.
void judge(const packyard::KeyFields& fields) {
  const auto component = packyard::ComponentName::parse("core").value();
  packyard::KeyRecord record{.id = packyard::KeyId{"key_1"},
                             .digest = {},
                             .pepper_id = {},
                             .scope = packyard::KeyScope::of(component),
                             .label = "x",
                             .created_at = {}};
  const auto applied = packyard::apply_key_fields(fields, {&component, 1}, packyard::Timestamp{1'767'225'600}, record);
  if (!applied) return demand(is_printable(applied.error().detail));
  demand(!record.scope.components.empty() && record.metadata.size() <= packyard::metadata_bytes_max);
  const auto view = packyard::parse_key_view(packyard::key_json(record, packyard::Timestamp{1'767'225'600}));
  demand(view && view->label == record.label && is_printable(view->metadata));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto fields = packyard::parse_key_fields(body)) {
    const auto again = packyard::parse_key_fields(packyard::key_fields_json(*fields));
    demand(again && *again == *fields);
    if (fields->label && packyard::is_label(*fields->label)) demand(fields->label->size() <= 800);
    judge(*fields);
  } else {
    demand(is_printable(fields.error().detail));
    const auto answer = packyard::parse_error_view(packyard::error_json("code", fields.error().detail));
    demand(answer && answer->message == fields.error().detail);
  }
  if (const auto overlap = packyard::parse_overlap(body); !overlap) demand(is_printable(overlap.error().detail));
  if (const auto nothing = packyard::parse_nothing(body); !nothing) demand(is_printable(nothing.error().detail));
  static_cast<void>(packyard::is_label(body));
  static_cast<void>(packyard::parse_key_view(body));
  static_cast<void>(packyard::parse_key_views(body));
  static_cast<void>(packyard::parse_error_view(body));
  demand(packyard::parse_error_view(packyard::error_json(body, body)).has_value());
  return 0;
}
