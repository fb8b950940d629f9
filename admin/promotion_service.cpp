#include "admin/promotion_service.h"

#include <algorithm>
#include <ranges>

namespace packyard {
namespace {

// The name of a field, or why it is none.
template <class Item, class Parse>
ApiResult<void> read_name(const std::optional<std::string>& text, std::string_view field, Parse parse,
                          std::optional<Item>& into) {
  if (!text) return {};
  auto item = parse(*text);
  if (!item) return refuse(ApiError::promotion_invalid, std::string(field) + ": " + item.error().message);
  into = std::move(*item);
  return {};
}

bool has_year(const Settings& settings, const std::optional<ComponentName>& component, const Year& year) {
  return std::ranges::any_of(settings.components, [&](const ComponentSettings& one) {
    return (!component || *component == one.name) && std::ranges::find(one.years, year) != one.years.end();
  });
}

bool has_target(const Settings& settings, const std::optional<Format>& format, const TargetName& target) {
  const auto is_of = [&](Format one) { return !format || *format == one; };
  return (is_of(Format::rpm) && settings.find_rpm_target(target.text()) != nullptr) ||
         (is_of(Format::deb) && settings.find_deb_target(target.text()) != nullptr) ||
         (is_of(Format::oci) && settings.find_oci_target(target.text()) != nullptr);
}

ApiResult<PromotionOrder> judge(const PromotionFields& fields, const Settings& settings) {
  PromotionOrder order{.mode = fields.mode};
  if (fields.component) {
    const ComponentSettings* const known = settings.find_component(*fields.component);
    if (known == nullptr) return refuse(ApiError::component_unknown);
    order.component = known->name;
  }
  auto read = read_name(fields.year, "year", Year::parse, order.year);
  if (read) read = read_name(fields.format, "format", parse_format, order.format);
  if (read) read = read_name(fields.target, "target", TargetName::parse, order.target);
  if (!read) return std::unexpected(std::move(read).error());
  if (order.year && !has_year(settings, order.component, *order.year))
    return refuse(ApiError::promotion_invalid, "year: no such year of the component in the settings");
  if (order.target && !has_target(settings, order.format, *order.target))
    return refuse(ApiError::promotion_invalid, "target: no such target of the format in the settings");
  return order;
}

}  // namespace

ApiFailure PromotionService::failure_of(const Error& error) const {
  if (error.code == ErrorCode::conflict) return {ApiError::queue_full, {}};
  parts_.log.error("promotion_queue_failed", {{"error", error.message}});
  return {error.code == ErrorCode::internal ? ApiError::internal : ApiError::queue_unavailable, {}};
}

ApiFailure PromotionService::audit_failure_of(const Error& error) const {
  parts_.log.error("audit_log_failed", {{"code", to_string(error.code)}, {"error", error.message}});
  return {ApiError::audit_unavailable, {}};
}

ApiResult<PromotionRecord> PromotionService::add(const PromotionFields& fields, const AdminCaller& caller) {
  auto order = judge(fields, parts_.settings);
  if (!order) return std::unexpected(std::move(order).error());
  order->created_at = parts_.clock.now();
  order->requested_by = caller.name;
  auto turn = parts_.audit.begin(order->created_at);
  if (!turn) return std::unexpected(audit_failure_of(turn.error()));
  const std::vector<AuditEntry> entries{{.actor = caller.name,
                                         .address = caller.address,
                                         .action = "promotion_requested",
                                         .object = "promotion",
                                         .after = promotion_fields_json(fields)}};
  if (const auto written = (*turn)->write(entries, order->created_at); !written)
    return std::unexpected(audit_failure_of(written.error()));
  auto added = parts_.queue.add(std::move(*order));
  if (!added) {
    const ApiFailure failure = failure_of(added.error());
    if (const auto told = (*turn)->write_failed(entries, added.error().message, parts_.clock.now()); !told)
      (void)audit_failure_of(told.error());
    return std::unexpected(failure);
  }
  parts_.log.info("promotion_queued", {{"id", added->order.id.text()}});
  return std::move(*added);
}

ApiResult<PromotionRecord> PromotionService::find(std::string_view text) {
  const auto id = PromotionId::parse(text);
  if (!id) return refuse(ApiError::promotion_not_found);
  auto record = parts_.queue.find(*id);
  if (!record) return std::unexpected(failure_of(record.error()));
  if (!*record) return refuse(ApiError::promotion_not_found);
  return std::move(**record);
}

ApiResult<PromotionPage> PromotionService::list(const PromotionListRequest& request) {
  const auto ids = parts_.queue.ids();
  if (!ids) return std::unexpected(failure_of(ids.error()));
  PromotionPage page;
  for (const PromotionId id : *ids | std::views::reverse) {
    if (request.before && id >= *request.before) continue;
    if (page.records.size() == request.limit) {
      page.last_shown = page.records.back().order.id;
      break;
    }
    auto record = parts_.queue.find(id);
    if (!record) return std::unexpected(failure_of(record.error()));
    if (*record) page.records.push_back(std::move(**record));  // else it went meanwhile
  }
  return page;
}

}  // namespace packyard
