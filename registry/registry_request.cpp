#include "registry/registry_request.h"

#include <algorithm>
#include <charconv>

#include "core/percent_encoding.h"
#include "core/repository_path.h"

namespace packyard {
namespace {

using Refused = std::unexpected<RegistryRefusal>;

constexpr std::size_t value_bytes_max = 255;

// Of one parameter's value. '+' stays: it is part of media types, and no value of ours has a space.
std::expected<std::string, RegistryRefusal> decode(std::string_view text) {
  auto value = percent_decode(text);
  if (!value || value->size() > value_bytes_max) return Refused(RegistryRefusal::bad_parameter);
  if (!std::ranges::all_of(*value, [](char c) { return c > 0x20 && c < 0x7f; })) return Refused(RegistryRefusal::bad_parameter);
  return std::move(*value);
}

// The value of one parameter, decoded; nothing when it is not given.
std::expected<std::optional<std::string>, RegistryRefusal> find_parameter(std::string_view query, std::string_view name) {
  std::optional<std::string> found;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = parameter.find('=');
    if (parameter.substr(0, equals) != name) continue;
    if (found || equals == std::string_view::npos) return Refused(RegistryRefusal::bad_parameter);
    auto value = decode(parameter.substr(equals + 1));
    if (!value) return Refused(value.error());
    found = std::move(*value);
  }
  return found;
}

std::optional<RegistryRefusal> read_tags_query(std::string_view query, RegistryRequest& request) {
  const auto number = find_parameter(query, "n");
  if (!number) return RegistryRefusal::bad_number;
  if (*number) {
    const std::string& digits = **number;
    std::uint32_t value = 0;
    const auto [stopped, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || stopped != digits.data() + digits.size()) return RegistryRefusal::bad_number;
    request.entries_max = value;
  }
  auto last = find_parameter(query, "last");
  if (!last) return last.error();
  request.last = std::move(*last).value_or("");
  return std::nullopt;
}

std::optional<RegistryRefusal> read_referrers_query(std::string_view query, RegistryRequest& request) {
  auto type = find_parameter(query, "artifactType");
  if (!type) return type.error();
  request.artifact_type = std::move(*type).value_or("");
  return std::nullopt;
}

// rest is what the path's grammar lets through: "manifests/x", "blobs/x", "blobs/uploads/…", "tags/list", "referrers/x".
RegistryResource resource_of(std::string_view rest) {
  if (rest.starts_with("manifests/")) return RegistryResource::manifest;
  if (rest.starts_with("referrers/")) return RegistryResource::referrers;
  if (rest.starts_with("tags/")) return RegistryResource::tags;
  return rest == "blobs/uploads" || rest.starts_with("blobs/uploads/") ? RegistryResource::upload : RegistryResource::blob;
}

}  // namespace

std::expected<RegistryRequest, RegistryRefusal> parse_registry_request(std::string_view target) {
  const auto path = parse_repository_path(target);
  if (!path) return Refused(RegistryRefusal::no_such_path);
  RegistryRequest request;
  if (path->area == RepositoryArea::registry_ping) return request;
  if (path->area != RepositoryArea::registry) return Refused(RegistryRefusal::no_such_path);
  request.resource = resource_of(path->rest);
  request.reference = path->rest.substr(path->rest.find('/') + 1);
  request.repository.reserve(path->component.size() + path->year.size() + path->target.size() + 2);
  request.repository.append(path->component).append("/").append(path->year).append("/").append(path->target);
  const std::size_t question = target.find('?');
  const std::string_view query = question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
  std::optional<RegistryRefusal> refusal;
  if (request.resource == RegistryResource::tags) refusal = read_tags_query(query, request);
  if (request.resource == RegistryResource::referrers) refusal = read_referrers_query(query, request);
  if (refusal) return Refused(*refusal);
  return request;
}

}  // namespace packyard
