#include "admin/request_guard.h"

#include <algorithm>
#include <optional>

#include "core/log.h"

namespace packyard {
namespace {

constexpr std::size_t json_bytes_max = 64 * 1024;
constexpr std::size_t lines_bytes_max = 4 * 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_text(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

bool starts_with_text(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && same_text(text.substr(0, start.size()), start);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

struct Authority {
  std::string_view name;
  std::string_view port;  // empty when absent
};

// name, name:port, [v6], [v6]:port; nothing else: no user, no trailing dot, no empty port.
std::optional<Authority> split_authority(std::string_view text) {
  const std::size_t name_end = text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
  if (name_end == 0 || name_end > text.size()) return std::nullopt;
  Authority authority{text.substr(0, name_end), {}};
  std::string_view rest = text.substr(name_end);
  if (rest.empty()) return authority;
  if (rest.front() != ':' || rest.size() < 2 || rest.size() > 6) return std::nullopt;
  rest.remove_prefix(1);
  if (!std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  authority.port = rest;
  return authority;
}

std::vector<std::string_view> values_of(const http::Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const http::Header& header : request.headers)
    if (http::same_header_name(header.name, name)) values.push_back(trimmed(header.value));
  return values;
}

std::optional<BodyKind> body_kind_of(std::string_view value) {
  const std::size_t semicolon = std::min(value.find(';'), value.size());
  const std::string_view type = trimmed(value.substr(0, semicolon));
  const auto kind = same_text(type, "application/json")       ? std::optional(BodyKind::json)
                    : same_text(type, "application/x-ndjson") ? std::optional(BodyKind::lines)
                                                              : std::nullopt;
  std::string_view parameter = trimmed(value.substr(std::min(semicolon + 1, value.size())));
  const bool is_utf_8 =
      semicolon == value.size() || same_text(parameter, "charset=utf-8") || same_text(parameter, "charset=\"utf-8\"");
  return is_utf_8 ? kind : std::nullopt;
}

ApiResult<BodyKind> admit_body(const http::Request& request) {
  const auto types = values_of(request, "Content-Type");
  const auto kind = types.size() == 1 ? body_kind_of(types.front()) : std::nullopt;
  const bool is_lines = kind == BodyKind::lines;
  if (request.body.size() > (is_lines ? lines_bytes_max : json_bytes_max)) return refuse(ApiError::body_too_large);
  if (request.method == "GET" || request.method == "HEAD") {
    if (!request.body.empty()) return refuse(ApiError::body_unexpected);
    return BodyKind::json;
  }
  const bool may_lack_type = request.method == "DELETE" && request.body.empty() && types.empty();
  if (!kind && !may_lack_type) return refuse(ApiError::media_type_unsupported);
  if (request.method == "DELETE" && !request.body.empty()) return refuse(ApiError::body_unexpected);
  return is_lines ? BodyKind::lines : BodyKind::json;
}

ApiResult<void> admit_browser(const http::Request& request, std::string_view host) {
  for (const std::string_view site : values_of(request, "Sec-Fetch-Site"))
    if (site != "same-origin" && site != "none") return refuse(ApiError::cross_site);
  for (const std::string_view origin : values_of(request, "Origin")) {
    const std::size_t scheme_length = starts_with_text(origin, "http://") ? 7 : starts_with_text(origin, "https://") ? 8 : 0;
    if (scheme_length == 0 || !same_text(origin.substr(scheme_length), host)) return refuse(ApiError::origin_not_allowed);
  }
  return {};
}

ApiResult<AdmittedRequest> target_of(const http::Request& request, std::string_view host) {
  std::string_view target = request.target;
  const std::size_t scheme_length = starts_with_text(target, "http://") ? 7 : starts_with_text(target, "https://") ? 8 : 0;
  if (scheme_length != 0) {
    target.remove_prefix(scheme_length);
    const std::size_t authority_length = std::min(target.find_first_of("/?#"), target.size());
    if (!same_text(target.substr(0, authority_length), host)) return refuse(ApiError::target_invalid);
    target.remove_prefix(authority_length);
    if (target.empty()) target = "/";
  }
  if (!target.starts_with('/')) return refuse(ApiError::target_invalid);
  const std::size_t path_length = std::min(target.find('?'), target.size());
  return AdmittedRequest{target.substr(0, path_length), target.substr(std::min(path_length + 1, target.size()))};
}

}  // namespace

Result<RequestGuard> RequestGuard::make(const std::vector<std::string>& allowed_hosts, std::vector<AdminToken> tokens) {
  std::vector<AllowedHost> allowed{{"localhost", {}}, {"127.0.0.1", {}}, {"[::1]", {}}};
  for (const std::string& host : allowed_hosts) {
    const auto authority = split_authority(host);
    const bool is_plain =
        std::ranges::all_of(host, [](char c) { return c > ' ' && c < 0x7F && c != '/' && c != '@' && c != '*' && c != ','; });
    if (!authority || !is_plain || authority->name.ends_with('.'))
      return fail(ErrorCode::invalid,
                  "reading admin.allowed_hosts: \"" + escape_for_log(host) +
                      "\" is not a host name; write it as the Host header has it, like admin.example.org or 10.0.0.5:8088");
    allowed.push_back({std::string(authority->name), std::string(authority->port)});
  }
  for (auto one = tokens.begin(); one != tokens.end(); ++one) {
    const auto same = std::find_if(one + 1, tokens.end(), [&](const AdminToken& other) {
      return Secret::equal(one->token.reveal(), other.token.reveal());
    });
    if (same != tokens.end())
      return fail(ErrorCode::invalid, "reading the admin tokens: those of \"" + one->name + "\" and \"" + same->name +
                                          "\" are the same, so nobody could tell who asks; make another one");
  }
  return RequestGuard(std::move(allowed), std::move(tokens));
}

bool RequestGuard::is_allowed_host(std::string_view text) const {
  const auto authority = split_authority(text);
  return authority && std::ranges::any_of(allowed_, [&](const AllowedHost& host) {
           return same_text(host.name, authority->name) && (host.port.empty() || host.port == authority->port);
         });
}

std::optional<AdminCaller> RequestGuard::caller_of(const http::Request& request, std::string_view path) const {
  constexpr std::string_view scheme = "Bearer ";
  const std::string address(request.peer_address);
  if (tokens_.empty()) return AdminCaller{"anyone", address, AdminRole::all};
  const auto given = values_of(request, "Authorization");
  std::optional<AdminCaller> caller;
  if (given.size() == 1 && starts_with_text(given.front(), scheme))
    for (const AdminToken& token : tokens_)  // all of them, so that the time tells nothing about which
      if (Secret::equal(trimmed(given.front().substr(scheme.size())), token.token.reveal()))
        caller = AdminCaller{token.name, address, token.role};
  if (!caller && path == "/healthz") return AdminCaller{"anyone", address, AdminRole::read};
  return caller;
}

ApiResult<AdmittedRequest> RequestGuard::admit(const http::Request& request) const {
  const auto hosts = values_of(request, "Host");
  if (hosts.size() != 1 || hosts.front().empty()) return refuse(ApiError::host_missing);
  const std::string_view host = hosts.front();
  if (!is_allowed_host(host)) return refuse(ApiError::host_not_allowed);
  if (auto admitted = admit_browser(request, host); !admitted) return std::unexpected(std::move(admitted).error());
  if (request.method == "OPTIONS") return refuse(ApiError::method_not_allowed);
  auto target = target_of(request, host);
  if (!target) return target;
  auto caller = caller_of(request, target->path);
  if (!caller) return refuse(ApiError::token_needed);
  target->caller = std::move(*caller);
  const auto body = admit_body(request);
  if (!body) return std::unexpected(body.error());
  target->body = *body;
  return target;
}

}  // namespace packyard
