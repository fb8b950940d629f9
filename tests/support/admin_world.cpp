#include "tests/support/admin_world.h"

#include <algorithm>
#include <utility>

#include "core/settings_file.h"

namespace packyard {

AdminWorld::AdminWorld(std::vector<AdminToken> tokens)
    : signal(ChangeSignal::open(folder / "changes").value()),
      guard(RequestGuard::make({"admin.example.org", "fixed.example.org:8088"}, std::move(tokens)).value()),
      keys(KeyService::Parts{store,
                             signal,
                             audit,
                             pepper,
                             random,
                             clock,
                             log,
                             {ComponentName::parse("core").value(), ComponentName::parse("plus").value()}}) {
  settings = parse_settings(R"(components: [{name: core, years: [2025]}, {name: plus, years: [2025, 2026]}]
targets:
  rpm: [{name: el9-x86_64}]
  deb: [{suite: bookworm, architectures: [amd64], origin: Example, label: Example}]
storage: {staging: s, state: t, published: p, public_keys: k}
)",
                            "/base", "the settings of a test", {})
                 .value();
}

http::Response AdminWorld::ask(std::string_view method, std::string_view target, std::string_view body,
                               std::vector<http::Header> headers) {
  const auto is_host = [](const http::Header& header) { return http::same_header_name(header.name, "Host"); };
  if (std::ranges::none_of(headers, is_host)) headers.push_back({"Host", "localhost:8088"});
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  request.body = body;
  request.peer_address = "127.0.0.1";
  return api.handle(request);
}

std::string error_code_of(const http::Response& response) {
  const auto error = parse_error_view(response.body);
  return error ? error->code : std::string();
}

std::string header_of(const http::Response& response, std::string_view name) {
  std::string value;
  for (const http::ResponseHeader& header : response.headers)
    if (http::same_header_name(header.name, name)) value += (value.empty() ? "" : " | ") + header.value;
  return value;
}

}  // namespace packyard
