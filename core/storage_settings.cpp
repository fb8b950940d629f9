#include "core/storage_settings.h"

#include <algorithm>

namespace packyard {
namespace {

bool is_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(
      text, [&](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || more.find(c) != std::string_view::npos; });
}

bool is_alphanumeric(char c) { return is_of({&c, 1}, ""); }

// The rules of S3 for new buckets.
bool is_bucket(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 && is_of(text, ".-") && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back());
}

bool is_prefix(std::string_view text) {
  constexpr std::size_t bytes_max = 500;  // a key has 1024
  if (text.size() > bytes_max || !is_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-/")) return false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == ".." || segment.front() == '-') return false;
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return !text.ends_with('/');
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

void read_style(SettingsSection& section, S3Settings& s3) {
  const auto style = section.scalar("style");
  if (style && style->text == "virtual-host")
    s3.style = S3Style::virtual_host;
  else if (style && style->text != "path")
    section.problem(style->origin, "style", "expected path or virtual-host");
  if (s3.style == S3Style::path) return;
  if (is_address(s3.endpoint.host))
    section.problem(section.line(), "style", "virtual-host puts the bucket in front of a host name; the endpoint is an address");
  if (s3.endpoint.is_tls && s3.bucket.find('.') != std::string::npos)
    section.problem(section.line(), "style", "no certificate covers a bucket with dots as a host name: use path");
}

}  // namespace

S3Settings read_s3_settings(SettingsSection& section) {
  S3Settings s3;
  const auto demand = [&](std::string_view name, std::string& into, const auto& is_good, const char* expected) {
    const auto value = section.scalar(name);
    if (value) into = value->text;
    if (!is_good(into)) section.problem(value ? value->origin : section.line(), name, expected);
  };
  if (const auto endpoint = section.scalar("endpoint")) {
    auto origin = HttpOrigin::parse(endpoint->text);
    if (origin)
      s3.endpoint = std::move(*origin);
    else
      section.problem(endpoint->origin, "endpoint", origin.error().message);
  } else {
    section.problem(section.line(), "endpoint", "missing: the address of the S3 server, like https://s3.example.org");
  }
  demand(
      "region", s3.region, [](const auto& text) { return !text.empty() && text.size() <= 63 && is_of(text, "_-"); },
      "expected a region, like us-east-1 (what servers without regions are asked for)");
  demand("bucket", s3.bucket, is_bucket, "expected a bucket: 3 to 63 lower-case letters, digits, '.' and '-'");
  demand("prefix", s3.prefix, is_prefix, "expected folders, like a/b: letters, digits, '.', '_' and '-', no slash at either end");
  read_style(section, s3);
  return s3;
}

void read_storage_settings(SettingsSection& section, StorageSettings& storage, const std::filesystem::path& folder) {
  const auto path = [&](std::string_view name, std::filesystem::path& into, const std::filesystem::path& fallback) {
    const auto value = section.scalar(name);
    if (value && value->text.empty()) section.problem(value->origin, name, "empty path");
    into = value ? (folder / value->text).lexically_normal() : fallback;
    return value || !fallback.empty();
  };
  const auto demand = [&](std::string_view name, std::filesystem::path& into) {
    if (!path(name, into, {})) section.problem(section.line(), name, "missing");
  };
  const bool is_s3 = section.section_instead("staging", [&](SettingsSection& staging) {
    staging.section("s3", [&](SettingsSection& s3) { storage.staging_s3 = read_s3_settings(s3); });
  });
  if (!is_s3) demand("staging", storage.staging);
  path("archive", storage.archive, is_s3 ? std::filesystem::path() : storage.staging / ".archive");
  demand("state", storage.state);
  demand("published", storage.published);
  demand("public_keys", storage.public_keys);
  if (!storage.published.empty() && storage.state.lexically_relative(storage.published).native().substr(0, 2) != "..")
    section.problem(section.line(), "state", "must not lie inside published: it would be served");
}

}  // namespace packyard
