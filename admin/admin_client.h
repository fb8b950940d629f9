// AdminClient: asks a packyard admin for JSON over HTTP, for the command line. Loopback only by default address; never through a
// proxy of the environment, never following a redirect, with a deadline and a bounded answer. One request at a time.
// Fails as unavailable when no admin answers; what the admin says no to is an Answer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

struct AdminAnswer {
  unsigned status = 0;
  std::string body;
  std::string next_page;  // path and query of the next page, when the answer names one (RFC 8288)
};

class AdminClient {
 public:
  // "http://127.0.0.1:8088", without a path. Fails as invalid for anything else.
  static Result<AdminClient> make(std::string url, std::chrono::milliseconds deadline = std::chrono::seconds(30));
  // Sent with every request from now on, for an admin that asks for its token.
  void authenticate(Secret token) { token_ = std::move(token); }
  // path starts with '/'.
  Result<AdminAnswer> send(std::string_view method, std::string_view path, std::string_view body = {},
                           std::string_view content_type = "application/json") const;

 private:
  AdminClient(std::string url, std::chrono::milliseconds deadline) : url_(std::move(url)), deadline_(deadline) {}
  std::string url_;
  Secret token_;
  std::chrono::milliseconds deadline_;
};

}  // namespace packyard
