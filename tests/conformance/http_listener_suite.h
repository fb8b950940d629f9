// What every HttpListener must do, seen through a raw socket. A listener's own test file instantiates it:
//   INSTANTIATE_TEST_SUITE_P(Beast, HttpListenerSuite, testing::Values(ListenerKind{make_beast_listener, ...}));

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "core/http/http_listener.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard::http {

struct ListenerKind {
  std::function<std::unique_ptr<HttpListener>(const ListenAddress&, Handler, const ListenerLimits&, std::uint32_t threads)> make;
  // Pistache's accepting thread ends when accept(2) says EMFILE; open connections go on. programs/ keeps the limit far away.
  bool accepts_after_descriptor_limit = true;
};

class HttpListenerSuite : public testing::TestWithParam<ListenerKind> {
 protected:
  // Answers with what it was asked: method, target, version, number of headers, then each header, then the body.
  void start(ListenerLimits limits = {}, std::uint32_t threads = 2);
  void start_with(Handler handler, ListenerLimits limits = {}, std::uint32_t threads = 2);
  std::uint16_t port() const { return listener_->port(); }
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace packyard::http
