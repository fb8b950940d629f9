#include "programs/packyard/admin_service.h"

#include <utility>

#include "admin/admin_token.h"
#include "admin/key_service.h"
#include "admin/request_guard.h"
#include "admin/routes.h"
#include "core/http/pistache_listener.h"
#include "core/loopback_address.h"
#include "storage/file_audit_log.h"

namespace packyard {
namespace {

std::vector<ComponentName> component_names(const Settings& settings) {
  std::vector<ComponentName> names;
  for (const ComponentSettings& component : settings.components) names.push_back(component.name);
  return names;
}

std::vector<const Pepper*> earlier_peppers(const KeyPlace& place) {
  std::vector<const Pepper*> earlier = place.all_peppers();
  earlier.erase(earlier.begin());
  return earlier;
}

Result<std::vector<AdminToken>> read_tokens(const AdminSettings& admin) {
  std::vector<AdminToken> tokens;
  if (!admin.token_file.empty()) {
    TRY_ASSIGN(Secret token, read_admin_token(admin.token_file));
    tokens.push_back({admin_token_name, AdminRole::all, std::move(token)});
  }
  for (const AdminTokenSettings& one : admin.tokens) {
    TRY_ASSIGN(Secret token, read_admin_token(one.file));
    tokens.push_back({one.name, one.role, std::move(token)});
  }
  return tokens;
}

constexpr http::ListenerLimits limits{
    .header_bytes_max = 16 * 1024, .body_bytes_max = 4 * 1024 * 1024 + 1, .drain_timeout_ms = 5'000, .connections_max = 256};

}  // namespace

struct AdminService::Parts {
  Parts(RequestGuard own_guard, const Settings& settings, KeyPlace& place, const Log& log)
      : guard(std::move(own_guard)),
        audit(AuditFiles::of_admin(settings.storage.state), log),
        keys(KeyService::Parts{*place.store, place.signal, audit, place.peppers.current, random, clock, log, component_names(settings),
                              earlier_peppers(place), settings.gate}),
        queue(settings.worker.queue),
        promotions({queue, audit, settings, clock, log}),
        api(keys, promotions, guard, log),
        listener(http::make_pistache_listener(
            settings.admin.listen, [this](const http::Request& request) { return api.handle(request); }, limits)) {}

  SystemRandomSource random;
  SystemClock clock;
  RequestGuard guard;
  FileAuditLog audit;
  KeyService keys;
  PromotionQueue queue;
  PromotionService promotions;
  AdminApi api;
  std::unique_ptr<http::HttpListener> listener;
};

AdminService::AdminService(const Settings& settings, KeyPlace& place, const Log& log)
    : settings_(settings), place_(place), log_(log) {}

AdminService::~AdminService() { stop(); }

Result<void> AdminService::start() {
  const ListenAddress& address = settings_.admin.listen;
  if (!is_loopback_address(address.host) && !settings_.admin.allow_non_loopback)
    return fail(ErrorCode::invalid,
                "starting the admin on " + address.host +
                    ": not loopback, so anybody who reaches it could make keys; set admin.allow_non_loopback: "
                    "true if that is meant");
  TRY_ASSIGN(auto tokens, read_tokens(settings_.admin));
  TRY_ASSIGN(auto guard, RequestGuard::make(settings_.admin.allowed_hosts, std::move(tokens)));
  parts_ = std::make_unique<Parts>(std::move(guard), settings_, place_, log_);
  // Keys can be looked at while the audit log cannot be written; changes then answer 503, each.
  (void)parts_->keys.name_changes_not_made();
  TRY(parts_->listener->start());
  log_.info("admin_ready", {{"host", address.host}, {"port", parts_->listener->port()}});
  return {};
}

void AdminService::begin_drain() {
  if (parts_) parts_->listener->begin_drain();
}

void AdminService::stop() {
  if (parts_) parts_->listener->stop();
}

}  // namespace packyard
