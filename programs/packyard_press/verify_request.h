// What is asked of the verifier for a site with these settings: its live release, whole.
#pragma once

#include "core/settings.h"
#include "verify/site_verifier.h"

namespace packyard {

VerifyRequest verify_request_for(const Settings& settings);

}  // namespace packyard
