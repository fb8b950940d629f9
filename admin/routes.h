// The admin API as a function of requests: guard, route table, role, answer. Every answer is JSON with no-store and the headers that
// keep browsers from using it; none ever has a CORS header. The table is data: admin_routes() lists it for documents and tests.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "admin/key_service.h"
#include "admin/promotion_service.h"
#include "admin/request_guard.h"
#include "core/http/http_message.h"

namespace packyard {

struct AdminRequest {
  std::string_view body;
  std::string_view id;     // of the path, where it has one
  std::string_view query;  // empty where none is taken
  BodyKind kind = BodyKind::json;
  const AdminCaller& caller;
};

// A route answers from one service.
using KeyAnswer = http::Response(KeyService& keys, const AdminRequest& request);
using PromotionAnswer = http::Response(PromotionService& promotions, const AdminRequest& request);

enum class QueryUse { refused, taken };
enum class LinesUse { refused, taken };  // application/x-ndjson

struct AdminRoute {
  std::string_view method;  // GET answers HEAD too
  std::string_view path;    // "{id}" stands for one segment
  AdminRole needs;
  QueryUse query;
  LinesUse lines;
  std::variant<KeyAnswer*, PromotionAnswer*> answer;
};

std::span<const AdminRoute> admin_routes();

class AdminApi {
 public:
  // All must outlive it. Thread-safe as they are.
  AdminApi(KeyService& keys, PromotionService& promotions, const RequestGuard& guard, const Log& log)
      : keys_(keys), promotions_(promotions), guard_(guard), log_(log) {}
  http::Response handle(const http::Request& request) const;

 private:
  http::Response answer(const http::Request& request) const;
  http::Response refuse_role(const AdminRoute& route, const AdminCaller& caller) const;
  http::Response answer_from(const AdminRoute& route, const AdminRequest& request) const;
  KeyService& keys_;
  PromotionService& promotions_;
  const RequestGuard& guard_;
  const Log& log_;
};

}  // namespace packyard
