// The listener for what a proxy calls: requests parsed by Boost.Beast (core/http/request_parser), connections kept by
// ConnectionLoops, one per thread. Handlers run on those threads and must not block. A thread that stalls ends the process,
// so that whoever supervises it starts a working one.
#pragma once

#include <memory>

#include "core/http/http_listener.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard::http {

std::unique_ptr<HttpListener> make_beast_listener(const ListenAddress& address, Handler handler, const ListenerLimits& limits = {},
                                                  std::uint32_t threads = 1);

}  // namespace packyard::http
