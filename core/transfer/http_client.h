// HttpClient: asks HTTP servers (HTTP/1.1, TLS by the system's certificates) and gives their answers whole or as a stream. Never
// through a proxy of the environment, never following a redirect, with a deadline for every wait and a bound for every buffer.
// Keeps idle connections for the next call; thread-safe. An answer of any status is no error; errors are unavailable (no
// connection, a deadline, an answer that ended early: may work later), invalid (TLS says this is not that server) and internal
// (what came is not HTTP, or too large). libcurl stays in http_client.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace packyard {

struct HttpCall {
  std::string method;
  std::string url;
  std::vector<std::string> headers;  // "Name: value", and nothing beyond Host, User-Agent and Content-Length is added
  std::string_view body;             // must outlive the call
  // For all of it; unset: as long as bytes flow.
  std::optional<std::chrono::milliseconds> whole_deadline;
};

struct HttpHead {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  // Of the first header of that name; empty when there is none.
  std::string_view header(std::string_view name) const;
  // Content-Length, where it is one.
  std::optional<std::uint64_t> body_bytes() const;
};

struct HttpAnswer {
  HttpHead head;
  std::string body;
};

// An answer under way. Not shared between threads; may be left before its end. Lives no longer than its client.
class HttpAnswerStream {
 public:
  virtual ~HttpAnswerStream() = default;
  virtual const HttpHead& head() const = 0;
  // Fills the front of `block`, returns how much; 0 at the end, which is certain: an answer that ends early is an error.
  virtual Result<std::size_t> read(std::span<char> block) = 0;
};

struct HttpDeadlines {
  std::chrono::milliseconds connect{10'000};
  // Within each such time, counted only while we wait, at least `flow_bytes_min` go over the connection.
  std::chrono::milliseconds flow{30'000};
  std::uint64_t flow_bytes_min = 4096;
};

class HttpClient {
 public:
  explicit HttpClient(HttpDeadlines deadlines = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  // Waits until the head is there.
  Result<std::unique_ptr<HttpAnswerStream>> open(const HttpCall& call);
  // The answer with its body, which may be `body_bytes_max` at most.
  Result<HttpAnswer> send(const HttpCall& call, std::size_t body_bytes_max);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace packyard
