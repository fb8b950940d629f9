#include "admin/key_lines.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "admin/key_rules.h"
#include "admin/request_object.h"
#include "core/json_text.h"

namespace packyard {
namespace {

using Kind = JsonNode::Kind;

// What `parse` makes of each line that is not empty; what it refuses is refused with the line's number.
template <class Item>
ApiResult<std::vector<Item>> parse_each_line(std::string_view body, ApiResult<Item> (*parse)(std::string_view line)) {
  std::vector<Item> all;
  std::size_t number = 0;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (all.size() == lines_max) return refuse(ApiError::body_too_large, "more than " + std::to_string(lines_max) + " lines");
    ApiResult<Item> item = parse(line);
    if (item) {
      all.push_back(std::move(*item));
      continue;
    }
    std::string_view detail = item.error().detail;
    if (detail.empty()) detail = catalog_entry(item.error().error).message;
    return refuse(item.error().error, "line " + std::to_string(number) + ": " + std::string(detail));
  }
  return all;
}

ApiResult<Timestamp> time_of(const JsonNode& field) {
  const auto time = Timestamp::parse_rfc3339(field.text);
  if (field.kind != Kind::text || !time) return wrong_type(field, "a time in RFC 3339 UTC form");
  return *time;
}

ApiResult<Sha256> digest_of(const JsonNode& field) {
  const auto digest = Sha256::parse_hex(field.text);
  if (field.kind != Kind::text || !digest) return wrong_type(field, "64 lower-case hexadecimal digits");
  return *digest;
}

template <class Into, class From>
ApiResult<void> keep(Into& into, ApiResult<From> from) {
  if (!from) return std::unexpected(std::move(from).error());
  into = std::move(*from);
  return {};
}

template <std::optional<Timestamp> KeyRecord::* place>
ApiResult<void> put_time(KeyRecord& record, const JsonNode& field) {
  return field.kind == Kind::null ? ApiResult<void>() : keep(record.*place, time_of(field));
}

ApiResult<void> put_id(KeyRecord& record, const JsonNode& field) {
  if (field.kind != Kind::text || !is_key_id(field.text)) return wrong_type(field, "an id: key_ and 16 letters and digits");
  record.id.text = field.text;
  return {};
}
ApiResult<void> put_digest(KeyRecord& record, const JsonNode& field) { return keep(record.digest, digest_of(field)); }
ApiResult<void> put_pepper(KeyRecord& record, const JsonNode& field) { return keep(record.pepper_id, text_field(field)); }
ApiResult<void> put_created(KeyRecord& record, const JsonNode& field) { return keep(record.created_at, time_of(field)); }
ApiResult<void> put_uses(KeyRecord& record, const JsonNode& field) {
  if (!field.whole || *field.whole > std::numeric_limits<std::int64_t>::max()) return wrong_type(field, "a whole number");
  record.use_count = *field.whole;
  return {};
}

ApiResult<void> put_former(KeyRecord& record, const JsonNode& field) {
  if (field.kind != Kind::list || field.items.size() > former_secrets_max) return wrong_type(field, "a list of at most 4 objects");
  for (const JsonNode& item : field.items) {
    const JsonNode *const digest = item.find("digest"), *const pepper = item.find("pepper_id"), *const until = item.find("valid_until");
    if (digest == nullptr || pepper == nullptr || until == nullptr || item.items.size() != 3)
      return wrong_type(field, "a list of objects with digest, pepper_id and valid_until");
    FormerSecret secret;
    ApiResult<void> read = keep(secret.digest, digest_of(*digest));
    if (read) read = keep(secret.pepper_id, text_field(*pepper));
    if (read) read = keep(secret.valid_until, time_of(*until));
    if (!read) return read;
    record.former_secrets.push_back(std::move(secret));
  }
  return {};
}

struct RecordField {
  std::string_view name;
  ApiResult<void> (*put)(KeyRecord& record, const JsonNode& field);
};
constexpr std::size_t demanded_fields = 4;  // the first ones
constexpr auto record_fields = std::to_array<RecordField>({
    {"id", put_id},
    {"digest", put_digest},
    {"pepper_id", put_pepper},
    {"created_at", put_created},
    {"revoked_at", put_time<&KeyRecord::revoked_at>},
    {"suspended_at", put_time<&KeyRecord::suspended_at>},
    {"last_used_at", put_time<&KeyRecord::last_used_at>},
    {"use_count", put_uses},
    {"former_secrets", put_former},
});

// Any component that has the form of one: that of an installation may be gone from the settings of the other.
ApiResult<std::vector<ComponentName>> component_names(const KeyFields& fields) {
  std::vector<ComponentName> names;
  for (const std::string& text : *fields.components) {
    auto name = ComponentName::parse(text);
    if (!name) return refuse(ApiError::component_unknown, name.error().message);
    names.push_back(std::move(*name));
  }
  return names;
}

ApiResult<KeyRecord> parse_exported_key(std::string_view line) {
  const auto object = parse_request_object(line);
  if (!object) return std::unexpected(object.error());
  KeyRecord record{.id = {}, .digest = {}, .pepper_id = {}, .scope = {}, .label = {}, .created_at = {}};
  KeyFields fields;
  for (const JsonNode& node : object->items) {
    const auto* const known = std::ranges::find(record_fields, node.name, &RecordField::name);
    ApiResult<void> put = known != record_fields.end() ? known->put(record, node) : put_key_field(fields, node);
    if (!put) return std::unexpected(std::move(put).error());
  }
  for (const RecordField& field : std::span(record_fields).first<demanded_fields>())
    if (object->find(field.name) == nullptr) return missing_field(field.name);
  if (!fields.components) return missing_field("components");
  if (!fields.label) return missing_field("label");
  const auto names = component_names(fields);
  if (!names) return std::unexpected(names.error());
  constexpr Timestamp before_all{std::numeric_limits<std::int64_t>::min()};
  if (auto applied = apply_key_fields(fields, *names, before_all, record); !applied)
    return std::unexpected(std::move(applied).error());
  return record;
}

std::string time_text(const std::optional<Timestamp>& time) { return time ? "\"" + time->rfc3339() + "\"" : "null"; }

}  // namespace

ApiResult<std::vector<KeyFields>> parse_key_lines(std::string_view body) {
  return parse_each_line<KeyFields>(body, parse_key_fields);
}

ApiResult<std::vector<KeyRecord>> parse_exported_keys(std::string_view body) {
  return parse_each_line<KeyRecord>(body, parse_exported_key);
}

std::string exported_key_line(const KeyRecord& record) {
  KeyFields fields;
  const auto texts = [](const auto& items) {
    KeyFields::Texts list;
    for (const auto& item : items) list.push_back(item.text());
    return list;
  };
  fields.components = texts(record.scope.components);
  fields.label = record.label;
  fields.years = texts(record.scope.years);
  fields.formats = KeyFields::Texts();
  for (const Format format : record.scope.formats) fields.formats->emplace_back(to_string(format));
  fields.addresses = texts(record.scope.addresses);
  fields.not_before = record.not_before ? KeyFields::Time(record.not_before->rfc3339()) : KeyFields::Time();
  fields.expires_at = record.expires_at ? KeyFields::Time(record.expires_at->rfc3339()) : KeyFields::Time();
  fields.grace_seconds = static_cast<std::uint64_t>(record.grace.count());
  fields.requests_per_day = record.limits.requests_per_day;
  fields.addresses_per_day = record.limits.addresses_per_day;
  fields.metadata = record.metadata;
  std::string former;
  for (const FormerSecret& secret : record.former_secrets)
    former += (former.empty() ? "" : ",") + std::string("{\"digest\":\"") + secret.digest.hex() +
              "\",\"pepper_id\":" + json_text(std::string_view(secret.pepper_id)) +
              ",\"valid_until\":" + time_text(secret.valid_until) + "}";
  return "{\"id\":" + json_text(std::string_view(record.id.text)) + ",\"digest\":\"" + record.digest.hex() +
         "\",\"pepper_id\":" + json_text(std::string_view(record.pepper_id)) + ",\"created_at\":" + time_text(record.created_at) +
         ",\"revoked_at\":" + time_text(record.revoked_at) + ",\"suspended_at\":" + time_text(record.suspended_at) +
         ",\"former_secrets\":[" + former + "],\"last_used_at\":" + time_text(record.last_used_at) +
         ",\"use_count\":" + std::to_string(record.use_count) + "," + key_fields_json(fields).substr(1);
}

}  // namespace packyard
