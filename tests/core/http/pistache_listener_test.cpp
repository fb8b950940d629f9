#include "core/http/pistache_listener.h"
#include "tests/conformance/http_listener_suite.h"

namespace packyard::http {
INSTANTIATE_TEST_SUITE_P(Pistache, HttpListenerSuite, testing::Values(ListenerKind{make_pistache_listener}),
                         [](const auto&) { return std::string("Listener"); });
}  // namespace packyard::http
