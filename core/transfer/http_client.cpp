#include "core/transfer/http_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>

#include "core/check.h"
#include "core/guarded.h"

namespace packyard {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t buffered_bytes_max = 256 * 1024;  // beyond it the server waits for the reader
constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr std::size_t idle_connections_max = 16;
constexpr std::size_t answer_bytes_usual = 4096;

// A handle with the connections it keeps.
struct Connection {
  Connection() : multi(curl_multi_init()), easy(curl_easy_init()) { CHECK(multi != nullptr && easy != nullptr); }
  ~Connection() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  CURLM* multi;
  CURL* easy;
};

// Not inherited by the programs we start.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH: return ErrorCode::invalid;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_AGAIN: return ErrorCode::unavailable;
    default: return ErrorCode::internal;
  }
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

}  // namespace

struct HttpClient::State {
  HttpDeadlines deadlines;
  Guarded<std::vector<std::unique_ptr<Connection>>> idle;
};

namespace {

using Idle = Guarded<std::vector<std::unique_ptr<Connection>>>;

class CurlStream final : public HttpAnswerStream {
 public:
  CurlStream(const HttpDeadlines& deadlines, Idle& idle) : deadlines_(deadlines), idle_(idle) {
    connection_ = idle_.with([](auto& kept) {
      if (kept.empty()) return std::make_unique<Connection>();
      auto last = std::move(kept.back());
      kept.pop_back();
      return last;
    });
  }

  // A connection that was left in the middle of an answer is closed by libcurl when its handle goes.
  ~CurlStream() override {
    curl_multi_remove_handle(connection_->multi, connection_->easy);
    curl_slist_free_all(headers_);
    curl_easy_reset(connection_->easy);
    idle_.with([&](auto& kept) {
      if (kept.size() < idle_connections_max) kept.push_back(std::move(connection_));
    });
  }

  Result<void> begin(const HttpCall& call) {
    where_ = call.method + " " + call.url.substr(0, call.url.find('?'));
    whole_deadline_ = call.whole_deadline;
    set_up(call);
    started_ = steady_clock::now();
    if (curl_multi_add_handle(connection_->multi, connection_->easy) != CURLM_OK)
      return fail(ErrorCode::internal, where_ + ": libcurl cannot start");
    while (!head_is_whole_ && !is_done_) advance();
    if (head_is_whole_) return {};
    return failure_ ? fail(*failure_) : fail(ErrorCode::unavailable, where_ + ": the connection ended before an answer");
  }

  const HttpHead& head() const override { return head_; }

  Result<std::size_t> read(std::span<char> block) override {
    while (taken_ == buffer_.size() && !is_done_) advance();
    if (taken_ == buffer_.size() && failure_) return fail(*failure_);
    const std::size_t size = std::min(block.size(), buffer_.size() - taken_);
    std::memcpy(block.data(), buffer_.data() + taken_, size);
    taken_ += size;
    return size;
  }

 private:
  void set_up(const HttpCall& call) {
    CURL* const curl = connection_->easy;
    for (const std::string& header : call.headers) headers_ = curl_slist_append(headers_, header.c_str());
    for (const char* own : {"Accept:", "Expect:"}) headers_ = curl_slist_append(headers_, own);
    const bool has_type =
        std::ranges::any_of(call.headers, [](const auto& header) { return lower_case(header).starts_with("content-type:"); });
    if (!has_type) headers_ = curl_slist_append(headers_, "Content-Type:");
    curl_easy_setopt(curl, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    if (call.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (call.method == "PUT" || call.method == "POST" || !call.body.empty()) {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call.body.empty() ? "" : call.body.data());
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");  // what is asked for may be secret: it must not pass a proxy of the environment
    curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(deadlines_.connect.count()));
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "packyard/" PACKYARD_VERSION);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason_);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* stream) {
    return static_cast<CurlStream*>(stream)->add_header({bytes, count}) ? count : 0;
  }

  bool add_header(std::string_view line) {
    head_bytes_ += line.size();
    if (head_bytes_ > head_bytes_max) return false;
    line = trimmed(line);
    if (line.starts_with("HTTP/")) {  // also of an interim answer, which the next line of this kind replaces
      head_ = {};
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos) return false;
      const std::string_view status = line.substr(space + 1, 3);
      std::from_chars(status.data(), status.data() + status.size(), head_.status);
    } else if (line.empty()) {
      head_is_whole_ = head_.status >= 200;
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      head_.headers.emplace_back(lower_case(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
    }
    return true;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* stream) {
    auto& self = *static_cast<CurlStream*>(stream);
    if (self.taken_ == self.buffer_.size()) {
      self.buffer_.clear();
      self.taken_ = 0;
    }
    if (self.buffer_.size() >= buffered_bytes_max) {
      self.is_paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    self.buffer_.append(bytes, count);
    return count;
  }

  // One step: lets libcurl work, and waits for the connection if that brought nothing.
  void advance() {
    if (is_paused_) {
      is_paused_ = false;
      curl_easy_pause(connection_->easy, CURLPAUSE_CONT);
      if (taken_ < buffer_.size()) return;
    }
    int running = 0;
    if (curl_multi_perform(connection_->multi, &running) != CURLM_OK) return end(ErrorCode::internal, "libcurl failed");
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(connection_->multi, &left))
      if (message->msg == CURLMSG_DONE) return end(message->data.result);
    if (head_is_whole_ != had_head_ || taken_ < buffer_.size()) {
      had_head_ = head_is_whole_;
      return;
    }
    const auto waiting_since = steady_clock::now();
    curl_multi_poll(connection_->multi, nullptr, 0, static_cast<int>(wait_max().count()), nullptr);
    waited_ += steady_clock::now() - waiting_since;
    check_deadlines();
  }

  milliseconds wait_max() const {
    constexpr milliseconds least{1}, most{1000};
    milliseconds wait = std::min(most, std::max(least, deadlines_.flow / 4));
    if (whole_deadline_) wait = std::clamp(*whole_deadline_ / 4, least, wait);
    return wait;
  }

  void check_deadlines() {
    if (whole_deadline_ && steady_clock::now() - started_ > *whole_deadline_)
      return end(ErrorCode::unavailable, "no whole answer within " + std::to_string(whole_deadline_->count()) + " ms");
    if (waited_ < deadlines_.flow) return;
    curl_off_t up = 0, down = 0;
    curl_easy_getinfo(connection_->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    curl_easy_getinfo(connection_->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    const std::uint64_t flowed = static_cast<std::uint64_t>(up) + static_cast<std::uint64_t>(down) + head_bytes_;
    // A call with a deadline of its own may be silent: a server that puts an upload together takes its time.
    if (!whole_deadline_ && flowed - flowed_before_ < deadlines_.flow_bytes_min)
      return end(ErrorCode::unavailable, std::to_string(flowed - flowed_before_) + " bytes in " +
                                             std::to_string(deadlines_.flow.count()) + " ms: too slow, or stuck");
    flowed_before_ = flowed;
    waited_ = {};
  }

  void end(CURLcode code) {
    is_done_ = true;
    if (code != CURLE_OK) end(code_of(code), reason_[0] != '\0' ? reason_ : curl_easy_strerror(code));
  }

  void end(ErrorCode code, std::string_view why) {
    is_done_ = true;
    failure_ = Error{code, where_ + ": " + std::string(why)};
  }

  HttpDeadlines deadlines_;
  Idle& idle_;
  std::unique_ptr<Connection> connection_;
  curl_slist* headers_ = nullptr;
  char reason_[CURL_ERROR_SIZE] = {};
  std::string where_;
  std::optional<milliseconds> whole_deadline_;
  steady_clock::time_point started_;
  steady_clock::duration waited_{};
  std::uint64_t flowed_before_ = 0;
  std::optional<Error> failure_;  // for good: what ended early must never look like an end
  HttpHead head_;
  std::size_t head_bytes_ = 0;
  bool head_is_whole_ = false, had_head_ = false, is_done_ = false, is_paused_ = false;
  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (known == name) return value;
  return {};
}

std::optional<std::uint64_t> HttpHead::body_bytes() const {
  const std::string_view text = header("content-length");
  std::uint64_t bytes = 0;
  const auto [stopped, failure] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (text.empty() || failure != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
  return bytes;
}

HttpClient::HttpClient(HttpDeadlines deadlines) : state_(std::make_unique<State>()) {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
  state_->deadlines = deadlines;
}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpAnswerStream>> HttpClient::open(const HttpCall& call) {
  auto stream = std::make_unique<CurlStream>(state_->deadlines, state_->idle);
  TRY(stream->begin(call));
  return stream;
}

Result<HttpAnswer> HttpClient::send(const HttpCall& call, std::size_t body_bytes_max) {
  TRY_ASSIGN(const auto stream, open(call));
  HttpAnswer answer{stream->head(), {}};
  answer.body.reserve(answer_bytes_usual);  // so that an answer with a secret is not left behind in outgrown buffers
  std::vector<char> block(16 * 1024);
  while (true) {
    TRY_ASSIGN(const std::size_t got, stream->read(block));
    if (got == 0) return answer;
    if (answer.body.size() + got > body_bytes_max)
      return fail(ErrorCode::internal, call.method + " " + call.url.substr(0, call.url.find('?')) +
                                           ": the answer is larger than " + std::to_string(body_bytes_max) + " bytes");
    answer.body.append(block.data(), got);
  }
}

}  // namespace packyard
