#include "admin/usage_json.h"

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

using Kind = JsonNode::Kind;

std::string time_text(const std::optional<Timestamp>& time) { return time ? "\"" + time->rfc3339() + "\"" : "null"; }

std::string day_json(const UsageDay& day) {
  std::string clients;
  for (const std::string& client : day.clients) clients += (clients.empty() ? "" : ",") + json_text(std::string_view(client));
  return "{\"day\":\"" + day.day.text() + "\",\"requests\":" + std::to_string(day.requests) +
         ",\"denied\":" + std::to_string(day.denied) + ",\"first_at\":" + time_text(day.first_at) +
         ",\"last_at\":" + time_text(day.last_at) + ",\"addresses\":" + std::to_string(day.addresses) + ",\"clients\":[" + clients + "]}";
}

std::unexpected<Error> not_from_an_admin() {
  return fail(ErrorCode::internal,
              "reading the admin's answer: it is not what packyard admin sends; is another program listening there?");
}

std::uint64_t number(const JsonNode& object, std::string_view name) {
  const JsonNode* const node = object.find(name);
  return node == nullptr ? 0 : node->whole.value_or(0);
}

std::optional<Timestamp> time_of(const JsonNode& object, std::string_view name) {
  const JsonNode* const node = object.find(name);
  if (node == nullptr || node->kind != Kind::text) return std::nullopt;
  const auto time = Timestamp::parse_rfc3339(node->text);
  return time ? std::optional(*time) : std::nullopt;
}

Result<UsageDay> usage_day_of(const JsonNode& object) {
  const JsonNode *const day = object.find("day"), *const clients = object.find("clients");
  const auto parsed = day == nullptr ? Result<UtcDay>(not_from_an_admin()) : UtcDay::parse(day->text);
  if (!parsed || clients == nullptr) return not_from_an_admin();
  UsageDay usage{.day = *parsed,
                 .requests = number(object, "requests"),
                 .denied = number(object, "denied"),
                 .first_at = time_of(object, "first_at"),
                 .last_at = time_of(object, "last_at"),
                 .addresses = number(object, "addresses")};
  for (const JsonNode& client : clients->items) usage.clients.push_back(client.text);
  return usage;
}

}  // namespace

std::string usage_json(const std::vector<UsageDay>& days) {
  std::string list;
  for (const UsageDay& day : days) list += (list.empty() ? "" : ",") + day_json(day);
  return "[" + list + "]\n";
}

Result<std::vector<UsageDay>> parse_usage(std::string_view body) {
  const auto list = parse_json(body);
  if (!list || list->kind != Kind::list) return not_from_an_admin();
  std::vector<UsageDay> days;
  for (const JsonNode& object : list->items) {
    TRY_ASSIGN(auto day, usage_day_of(object));
    days.push_back(std::move(day));
  }
  return days;
}

}  // namespace packyard
