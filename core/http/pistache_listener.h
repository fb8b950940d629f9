// The listener for the admin API and metrics: Pistache accepts, reads and writes. Its HTTP parser is not used: after an error it
// keeps the connection and takes the rest of the request for a new one, and it hides duplicate headers (design.md 7); requests
// go through the Conversation that the other listener has too. What remains Pistache's: at the descriptor limit it spins.
#pragma once

#include <memory>

#include "core/http/http_listener.h"
#include "core/http/http_message.h"
#include "core/settings.h"

namespace packyard::http {

std::unique_ptr<HttpListener> make_pistache_listener(const ListenAddress& address, Handler handler,
                                                     const ListenerLimits& limits = {}, std::uint32_t threads = 1);

}  // namespace packyard::http
