// The routes of promotions: what a request to them is answered. Pure but for the service they ask.
#pragma once

#include "admin/promotion_service.h"
#include "admin/routes.h"
#include "core/http/http_message.h"

namespace packyard {

http::Response add_promotion(PromotionService& promotions, const AdminRequest& request);
http::Response list_promotions(PromotionService& promotions, const AdminRequest& request);
http::Response show_promotion(PromotionService& promotions, const AdminRequest& request);

}  // namespace packyard
