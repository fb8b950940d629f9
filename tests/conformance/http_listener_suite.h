// What every HttpListener must do, seen through a raw socket. A listener's own test file instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Beast, HttpListenerSuite, testing::Values(ListenerKind{make_beast_listener, ...}));

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/http/http_listener.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard::http {

struct ListenerKind {
  std::function<std::unique_ptr<HttpListener>(const ListenAddress&, Handler, const ListenerLimits&, std::uint32_t threads)> make;
};

// A request as a proxy sends it; more_headers are whole lines with their ends.
std::string get(std::string_view target, std::string_view more_headers = "");
// Answers with what it was asked: method, target, version, each header, body, peer.
Response echo(const Request& request);

class HttpListenerSuite : public testing::TestWithParam<ListenerKind> {
 protected:
  // With echo.
  void start(ListenerLimits limits = {}, std::uint32_t threads = 2);
  void start_with(Handler handler, ListenerLimits limits = {}, std::uint32_t threads = 2);
  std::uint16_t port() const { return listener_->port(); }
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace packyard::http
