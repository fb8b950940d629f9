#include "admin/admin_client.h"

#include <curl/curl.h>

#include <memory>
#include <utility>

namespace packyard {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t answer_bytes_usual = 4096;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::size_t keep_bytes(char* bytes, std::size_t, std::size_t count, void* kept) {
  auto& body = *static_cast<std::string*>(kept);
  if (body.size() + count > answer_bytes_max) return 0;  // makes curl fail
  body.append(bytes, count);
  return count;
}

// Of Link: </api/v1/keys?…>; rel="next". Header lines of an answer come one by one, with their line end.
std::size_t keep_next_page(char* bytes, std::size_t, std::size_t count, void* kept) {
  constexpr std::string_view name = "link: <", end = ">; rel=\"next\"";
  const std::string_view line(bytes, count);
  const bool is_link = line.size() > name.size() && line[name.size()] == '/' && curl_strnequal(bytes, name.data(), name.size()) != 0;
  const std::size_t stop = line.find(end);
  if (is_link && stop != std::string_view::npos)
    static_cast<std::string*>(kept)->assign(line.substr(name.size(), stop - name.size()));
  return count;
}

bool has_part(CURLU* url, CURLUPart part, std::string_view harmless) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return false;
  const bool has = text != harmless;
  curl_free(text);
  return has;
}

Error no_answer(const std::string& url, CURLcode code) {
  const std::string reason = curl_easy_strerror(code);
  if (code == CURLE_WRITE_ERROR) return Error{ErrorCode::internal, "asking the admin at " + url + ": its answer is too large"};
  return Error{ErrorCode::unavailable,
               "asking the admin at " + url + ": " + reason + "; is packyard admin (or serve) running there?"};
}

}  // namespace

Result<AdminClient> AdminClient::make(std::string url, std::chrono::milliseconds deadline) {
  while (url.ends_with('/')) url.pop_back();
  const std::unique_ptr<CURLU, FreeUrl> parsed(curl_url());
  const bool is_url = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  if (!is_url || !(url.starts_with("http://") || url.starts_with("https://")) || has_part(parsed.get(), CURLUPART_PATH, "/") ||
      has_part(parsed.get(), CURLUPART_QUERY, "") || has_part(parsed.get(), CURLUPART_USER, "") ||
      has_part(parsed.get(), CURLUPART_FRAGMENT, ""))
    return fail(ErrorCode::invalid, "reading the admin's address: not of the form http://127.0.0.1:8088");
  return AdminClient(std::move(url), deadline);
}

Result<AdminAnswer> AdminClient::send(std::string_view method, std::string_view path, std::string_view body,
                                      std::string_view content_type) const {
  const std::unique_ptr<CURL, CloseHandle> handle(curl_easy_init());
  if (handle == nullptr) return fail(ErrorCode::internal, "asking the admin at " + url_ + ": libcurl cannot start");
  const std::unique_ptr<curl_slist, FreeList> headers(
      curl_slist_append(nullptr, body.empty() ? "Accept: */*" : ("Content-Type: " + std::string(content_type)).c_str()));
  AdminAnswer answer;
  answer.body.reserve(answer_bytes_usual);  // so that the answer with a key is not left behind in outgrown buffers
  CURL* const curl = handle.get();
  const std::string url = url_ + std::string(path);
  const std::string method_text(method);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method_text.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");  // an answer holds a key: it must not pass a proxy of the environment
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline_.count()));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "packyard/" PACKYARD_VERSION);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_bytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_next_page);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.next_page);
  if (!body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  }
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) return fail(no_answer(url_, code));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<unsigned>(status);
  return answer;
}

}  // namespace packyard
