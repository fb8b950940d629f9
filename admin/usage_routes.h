// The route of the admin API about the use of keys; in the table of admin/routes.h.
#pragma once

#include "admin/routes.h"

namespace packyard {

http::Response show_usage(KeyService& keys, const AdminRequest& request);

}  // namespace packyard
