// Which HTTP status a denial has, by the site's settings and by what the asking proxy can pass on: nginx's auth_request knows 401
// and 403 alone. Pure.
#pragma once

#include "auth/request_rule.h"
#include "core/settings.h"

namespace packyard {

// 200, 401 (with a challenge), 402, 403, 405, 429 or 503.
unsigned answer_status(const Decision& decision, ProxyFamily family, const GateSettings& settings);

}  // namespace packyard
