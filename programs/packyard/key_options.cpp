#include "programs/packyard/key_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::string_view all = "all";
constexpr std::string_view none = "none";

void put_list(const std::vector<std::string>& given, std::optional<KeyFields::Texts>& into) {
  if (given.empty()) return;
  into = given.size() == 1 && given.front() == all ? KeyFields::Texts() : given;
}

void put_time(const std::string& given, std::optional<KeyFields::Time>& into) {
  if (!given.empty()) into = given == none ? KeyFields::Time() : KeyFields::Time(given);
}

Result<std::uint64_t> number_of(const std::string& text, const char* option) {
  std::uint64_t number = 0;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || stopped != text.data() + text.size())
    return fail(ErrorCode::invalid, std::string(option) + " takes a whole number");
  return number;
}

Result<void> put_limit(const std::string& given, const char* option, std::optional<KeyFields::Limit>& into) {
  if (given.empty()) return {};
  into = KeyFields::Limit();
  if (given == none) return {};
  TRY_ASSIGN(*into, number_of(given, option));
  return {};
}

Result<std::string> metadata_of(const std::string& text) {
  if (text == none) return std::string();
  const auto node = parse_json(text);
  if (!node) return fail(node.error().in("reading --metadata"));
  if (node->kind != JsonNode::Kind::object) return fail(ErrorCode::invalid, "--metadata takes a JSON object, like {\"customer\":\"ACME\"}");
  return node->items.empty() ? std::string() : json_text(*node);
}

}  // namespace

Result<KeyFields> KeyOptions::fields() const {
  KeyFields fields;
  if (!components.empty()) fields.components = components;
  if (!label.empty()) fields.label = label;
  put_list(years, fields.years);
  put_list(formats, fields.formats);
  put_list(addresses, fields.addresses);
  put_time(not_before, fields.not_before);
  put_time(expires_at, fields.expires_at);
  if (!grace_seconds.empty()) {
    TRY_ASSIGN(fields.grace_seconds, number_of(grace_seconds, "--grace-seconds"));
  }
  TRY(put_limit(requests_per_day, "--requests-per-day", fields.requests_per_day));
  TRY(put_limit(addresses_per_day, "--addresses-per-day", fields.addresses_per_day));
  if (!metadata.empty()) {
    TRY_ASSIGN(fields.metadata, metadata_of(metadata));
  }
  return fields;
}

void add_key_options(CLI::App& command, KeyOptions& options, KeyOptionUse use) {
  const bool makes = use == KeyOptionUse::make;
  const std::string or_none = makes ? "; default: none" : "; or none";
  const std::string or_all = makes ? "; default: all" : "; or all";
  command.add_option("--component", options.components, "a component it opens; may be given several times")
      ->required(makes)
      ->allow_extra_args(false);
  command.add_option("--label", options.label, "whose key it is: 1 to 200 characters")->required(makes);
  command.add_option("--year", options.years, "a year it opens; several times" + or_all)->allow_extra_args(false);
  command.add_option("--format", options.formats, "rpm, deb or oci; several times" + or_all)->allow_extra_args(false);
  command.add_option("--address", options.addresses, "range it may be used from, like 203.0.113.0/24; several times" + or_all)
      ->allow_extra_args(false);
  command.add_option("--not-before", options.not_before, "RFC 3339 UTC, like 2027-01-31T12:00:00Z" + or_none);
  command.add_option("--expires-at", options.expires_at, "RFC 3339 UTC" + or_none);
  command.add_option("--grace-seconds", options.grace_seconds, "time after expiry in which it passes with a warning");
  command.add_option("--requests-per-day", options.requests_per_day, "requests that pass on a day of UTC; beyond: 429" + or_none);
  command.add_option("--addresses-per-day", options.addresses_per_day,
                     "client addresses, at most 256, that it may be used from on a day of UTC" + or_none);
  command.add_option("--metadata", options.metadata, "JSON object of your own, at most 4096 bytes" + or_none);
}

}  // namespace packyard
