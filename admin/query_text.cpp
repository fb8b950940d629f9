#include "admin/query_text.h"

#include <algorithm>
#include <optional>

#include "admin/label.h"
#include "core/log.h"

namespace packyard {
namespace {

constexpr std::size_t parameters_max = 32;

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  if (!bytes.empty() && !is_label(bytes)) return std::nullopt;
  return bytes;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain)
      result += c;
    else
      (result += '%') += {digits[byte >> 4], digits[byte & 15]};
  }
  return result;
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
    text += (text.empty() ? "" : "&") + encoded(parameter.name) + "=" + encoded(parameter.value);
  return text;
}

}  // namespace packyard
