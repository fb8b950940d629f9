#include "admin/query_text.h"

#include <algorithm>
#include <optional>

#include "admin/label.h"
#include "core/log.h"
#include "core/percent_encoding.h"

namespace packyard {
namespace {

constexpr std::size_t parameters_max = 32;

// A form's value: a plus sign is a space.
std::optional<std::string> decoded(std::string_view text) {
  std::string form(text);
  std::ranges::replace(form, '+', ' ');
  auto bytes = percent_decode(form);
  if (bytes && !bytes->empty() && !is_label(*bytes)) return std::nullopt;
  return bytes;
}

}  // namespace

ApiResult<std::vector<QueryParameter>> parse_query_text(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty()) {
    const std::size_t length = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, length);
    query.remove_prefix(std::min(length + 1, query.size()));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    auto name = decoded(part.substr(0, equals));
    auto value = decoded(part.substr(std::min(equals + 1, part.size())));
    if (!name || !value) return refuse(ApiError::query_invalid, "a query parameter is not well encoded, or too long");
    const bool is_twice = std::ranges::find(parameters, *name, &QueryParameter::name) != parameters.end();
    if (is_twice) return refuse(ApiError::query_invalid, "the parameter \"" + escape_for_log(*name, 64) + "\" stands twice");
    if (parameters.size() == parameters_max) return refuse(ApiError::query_invalid, "there are too many query parameters");
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

std::string query_text(const std::vector<QueryParameter>& parameters) {
  std::string text;
  for (const QueryParameter& parameter : parameters)
    text.append(text.empty() ? "" : "&")
        .append(percent_encode(parameter.name, Slash::is_encoded))
        .append("=")
        .append(percent_encode(parameter.value, Slash::is_encoded));
  return text;
}

}  // namespace packyard
