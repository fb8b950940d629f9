#include "core/http/beast_listener.h"
#include "tests/conformance/http_listener_suite.h"

namespace packyard::http {
INSTANTIATE_TEST_SUITE_P(Beast, HttpListenerSuite, testing::Values(ListenerKind{make_beast_listener}),
                         [](const auto&) { return std::string("Listener"); });
}  // namespace packyard::http
