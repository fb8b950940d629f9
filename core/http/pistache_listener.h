// The listener for the admin API and metrics: Pistache's reactor and transport read from the connections on its worker threads.
// Pistache's HTTP parser, acceptor and write queue are not used: after an error the parser keeps the connection and takes the
// rest of the request for a new one and hides duplicate headers (design.md 7), the acceptor may end at the descriptor limit, and
// through the queue answers to a burst of requests got lost in the suite. Requests go through the Conversation that the other
// listener has too. Handlers run on the workers and may take a while.
#pragma once

#include <memory>

#include "core/http/http_listener.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard::http {

std::unique_ptr<HttpListener> make_pistache_listener(const ListenAddress& address, Handler handler,
                                                     const ListenerLimits& limits = {}, std::uint32_t threads = 1);

}  // namespace packyard::http
