#include "admin/list_request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "admin/query_text.h"
#include "core/log.h"

namespace packyard {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && stopped == text.data() + text.size();
}

// "<seconds>.<id>": a place, not a promise that the key is there.
std::optional<KeyCursor> parse_cursor(std::string_view text) {
  const std::size_t dot = text.find('.');
  KeyCursor cursor;
  if (dot == std::string_view::npos || !read_number(text.substr(0, dot), cursor.created_at.seconds)) return std::nullopt;
  const std::string_view id = text.substr(dot + 1);
  const bool is_id = id.starts_with("key_") && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  if (!is_id) return std::nullopt;
  cursor.id.text = id;
  return cursor;
}

std::string cursor_text(const KeyCursor& cursor) { return std::to_string(cursor.created_at.seconds) + "." + cursor.id.text; }

// Each gives what is wrong with the value, or nothing.
using Problem = std::string_view;

Problem put_component(KeyQuery& query, const std::string& value) {
  const auto name = ComponentName::parse(value);
  if (!name) return "component is not the name of one";
  query.component = *name;
  return {};
}
Problem put_status(KeyQuery& query, const std::string& value) {
  query.status = parse_key_status(value);
  return query.status ? Problem() : "status is one of active, in_grace, not_yet_valid, expired, suspended and revoked";
}
Problem put_search(KeyQuery& query, const std::string& value) {
  query.search = value;
  return {};
}
Problem put_expires_before(KeyQuery& query, const std::string& value) {
  const auto time = Timestamp::parse_rfc3339(value);
  if (!time) return "expires_before is not a time in RFC 3339 UTC form like 2026-01-31T12:00:00Z";
  query.expires_before = *time;
  return {};
}
Problem put_limit(KeyQuery& query, const std::string& value) {
  return read_number(value, query.limit) && query.limit >= 1 && query.limit <= page_keys_max
             ? Problem()
             : "limit is a whole number from 1 to 1000";
}
Problem put_cursor(KeyQuery& query, const std::string& value) {
  query.after = parse_cursor(value);
  return query.after ? Problem() : "cursor is not one that a list gave";
}

struct Parameter {
  std::string_view name;
  Problem (*put)(KeyQuery& query, const std::string& value);
};
constexpr auto known_parameters = std::to_array<Parameter>({
    {"component", put_component},
    {"status", put_status},
    {"search", put_search},
    {"expires_before", put_expires_before},
    {"limit", put_limit},
    {"cursor", put_cursor},
});

}  // namespace

ApiResult<KeyQuery> parse_list_request(std::string_view text, Timestamp now) {
  const auto parameters = parse_query_text(text);
  if (!parameters) return std::unexpected(parameters.error());
  KeyQuery query{.now = now};
  for (const QueryParameter& parameter : *parameters) {
    const auto* const known = std::ranges::find(known_parameters, parameter.name, &Parameter::name);
    if (known == known_parameters.end())
      return refuse(ApiError::query_unknown, "the query parameter \"" + escape_for_log(parameter.name, 64) +
                                                 "\" is not known; known: component, status, search, expires_before, limit, cursor");
    if (const Problem problem = known->put(query, parameter.value); !problem.empty())
      return refuse(ApiError::query_invalid, std::string(problem));
  }
  return query;
}

std::string next_page_text(const KeyQuery& query, const KeyCursor& next) {
  std::vector<QueryParameter> parameters;
  if (query.component) parameters.push_back({"component", query.component->text()});
  if (query.status) parameters.push_back({"status", std::string(to_string(*query.status))});
  if (!query.search.empty()) parameters.push_back({"search", query.search});
  if (query.expires_before) parameters.push_back({"expires_before", query.expires_before->rfc3339()});
  parameters.push_back({"limit", std::to_string(query.limit)});
  parameters.push_back({"cursor", cursor_text(next)});
  return query_text(parameters);
}

}  // namespace packyard
