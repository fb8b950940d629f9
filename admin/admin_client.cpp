#include "admin/admin_client.h"

#include "core/http_origin.h"
#include "core/transfer/http_client.h"

namespace packyard {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;

// Of Link: </api/v1/keys?…>; rel="next"; empty where there is none.
std::string next_page(std::string_view link) {
  constexpr std::string_view start = "</", end = ">; rel=\"next\"";
  const std::size_t stop = link.find(end);
  if (!link.starts_with(start) || stop == std::string_view::npos) return {};
  return std::string(link.substr(1, stop - 1));
}

}  // namespace

Result<AdminClient> AdminClient::make(std::string url, std::chrono::milliseconds deadline) {
  const auto origin = HttpOrigin::parse(url);
  if (!origin) return fail(ErrorCode::invalid, "reading the admin's address: not of the form http://127.0.0.1:8088");
  return AdminClient(origin->url(), deadline);
}

Result<AdminAnswer> AdminClient::send(std::string_view method, std::string_view path, std::string_view body,
                                      std::string_view content_type) const {
  HttpCall call;
  call.method = method;
  call.url = url_ + std::string(path);
  call.headers.push_back(body.empty() ? "Accept: */*" : "Content-Type: " + std::string(content_type));
  if (!token_.empty()) call.headers.push_back("Authorization: Bearer " + std::string(token_.reveal()));
  call.body = body;
  call.whole_deadline = deadline_;
  HttpClient client;
  auto answer = client.send(call, answer_bytes_max);
  if (answer) return AdminAnswer{answer->head.status, std::move(answer->body), next_page(answer->head.header("link"))};
  const std::string hint =
      answer.error().code == ErrorCode::unavailable ? "; is packyard admin (or serve) running there?" : std::string();
  return fail(answer.error().code, "asking the admin at " + url_ + ": " + answer.error().message + hint);
}

}  // namespace packyard
