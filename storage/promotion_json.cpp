#include "storage/promotion_json.h"

#include <limits>

#include "core/json_document.h"
#include "core/json_text.h"

namespace packyard {
namespace {

using Kind = JsonNode::Kind;

std::string text_or_null(const std::optional<std::string>& text) { return text ? json_text(std::string_view(*text)) : "null"; }
std::string time_or_null(const std::optional<Timestamp>& time) { return time ? "\"" + time->rfc3339() + "\"" : "null"; }
std::string number_or_null(const std::optional<std::uint64_t>& number) { return number ? std::to_string(*number) : "null"; }

template <class Name>
std::string name_or_null(const std::optional<Name>& name) {
  return name ? json_text(std::string_view(name->text())) : "null";
}

std::string field(std::string_view name, std::string_view text) { return "\"" + std::string(name) + "\":" + json_text(text); }

template <class Items, class Show>
std::string list_of(const Items& items, Show show) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "{" : ",{") + show(item) + "}";
  return "[" + text + "]";
}

std::string step_members(const PromotionStep& step) {
  return field("name", step.name) + "," + field("unit", step.unit) + ",\"total\":" + std::to_string(step.total) +
         ",\"done\":" + std::to_string(step.done) + "," + field("started_at", step.started_at.rfc3339());
}

std::string finding_members(const PromotionFinding& finding) {
  return field("subject", finding.subject) + "," + field("problem", finding.problem);
}

std::string change_members(const PromotionChange& change) {
  return field("kind", change.kind) + "," + field("target", change.target) + "," + field("name", change.name) + "," +
         field("version", change.version) + "," + field("architecture", change.architecture) + "," +
         field("previous_version", change.previous_version);
}

std::string order_members(const PromotionOrder& order) {
  const auto format = order.format ? std::optional(std::string(to_string(*order.format))) : std::nullopt;
  return field("created_at", order.created_at.rfc3339()) + "," + field("requested_by", order.requested_by) +
         ",\"component\":" + name_or_null(order.component) + ",\"year\":" + name_or_null(order.year) +
         ",\"format\":" + text_or_null(format) + ",\"target\":" + name_or_null(order.target) +
         ",\"dry_run\":" + (order.mode == PromotionMode::dry_run ? "true" : "false");
}

std::string report_members(const PromotionReport& report) {
  return field("state", to_string(report.state)) + ",\"attempts\":" + std::to_string(report.attempts) +
         ",\"started_at\":" + time_or_null(report.started_at) + ",\"finished_at\":" + time_or_null(report.finished_at) + "," +
         field("reason", report.reason) + ",\"release\":" + number_or_null(report.release) +
         ",\"finished_release\":" + number_or_null(report.finished_release) +
         ",\"staged_files\":" + std::to_string(report.staged_files) + ",\"steps\":" + list_of(report.steps, step_members) +
         ",\"findings\":" + list_of(report.findings, finding_members) +
         ",\"findings_total\":" + std::to_string(report.findings_total) +
         ",\"changes\":" + list_of(report.changes, change_members) + ",\"changes_total\":" + std::to_string(report.changes_total);
}

std::string id_member(PromotionId id) { return field("id", id.text()); }

// Takes members out of an object; remembers the first that is not what it must be.
class MemberReader {
 public:
  explicit MemberReader(const JsonNode& object) : object_(object) {}

  std::string text(std::string_view name) {
    const JsonNode* const node = object_.find(name);
    if (node == nullptr || node->kind != Kind::text) return wrong(name), std::string();
    return node->text;
  }
  std::string text_if_there(std::string_view name) { return object_.find(name) == nullptr ? std::string() : text(name); }
  std::uint64_t number(std::string_view name) {
    const JsonNode* const node = object_.find(name);
    if (node == nullptr || !node->whole) return wrong(name), std::uint64_t{0};
    return *node->whole;
  }
  std::optional<std::uint64_t> optional_number(std::string_view name) {
    return is_null(name) ? std::nullopt : std::optional(number(name));
  }
  Timestamp time(std::string_view name) { return parsed<Timestamp>(name, Timestamp::parse_rfc3339).value_or(Timestamp{}); }
  std::optional<Timestamp> optional_time(std::string_view name) { return optional<Timestamp>(name, Timestamp::parse_rfc3339); }
  bool flag(std::string_view name) {
    const JsonNode* const node = object_.find(name);
    if (node == nullptr || node->kind != Kind::boolean) return wrong(name), false;
    return node->is_true;
  }
  // Parse gives something like an optional: a Result or an optional.
  template <class Item, class Parse>
  std::optional<Item> parsed(std::string_view name, Parse parse) {
    const auto item = parse(text(name));
    if (!item) return wrong(name), std::nullopt;
    return *item;
  }
  template <class Item, class Parse>
  std::optional<Item> optional(std::string_view name, Parse parse) {
    return is_null(name) ? std::nullopt : parsed<Item>(name, parse);
  }
  // Each object of the list; false when one was wrong.
  template <class Read>
  void each(std::string_view name, Read read) {
    const JsonNode* const node = object_.find(name);
    if (node == nullptr || node->kind != Kind::list) return wrong(name);
    for (const JsonNode& item : node->items) {
      MemberReader members(item);
      read(members);
      if (!members.wrong_.empty()) return wrong(name);
    }
  }
  Result<void> finish() const {
    if (wrong_.empty()) return {};
    return fail(ErrorCode::invalid, "its \"" + wrong_ + "\" is missing or not what it must be");
  }

 private:
  bool is_null(std::string_view name) const {
    const JsonNode* const node = object_.find(name);
    return node != nullptr && node->kind == Kind::null;
  }
  void wrong(std::string_view name) {
    if (wrong_.empty()) wrong_ = name;
  }
  const JsonNode& object_;
  std::string wrong_;
};

Result<PromotionOrder> order_of(const JsonNode& object) {
  MemberReader members(object);
  PromotionOrder order;
  order.id = members.parsed<PromotionId>("id", PromotionId::parse).value_or(PromotionId{});
  order.created_at = members.time("created_at");
  order.requested_by = members.text_if_there("requested_by");
  order.component = members.optional<ComponentName>("component", ComponentName::parse);
  order.year = members.optional<Year>("year", Year::parse);
  order.format = members.optional<Format>("format", parse_format);
  order.target = members.optional<TargetName>("target", TargetName::parse);
  order.mode = members.flag("dry_run") ? PromotionMode::dry_run : PromotionMode::publish;
  TRY(members.finish());
  return order;
}

// Through add(), so that what is read is within the same bounds as what is written.
void read_lists(MemberReader& members, PromotionReport& report) {
  members.each("steps", [&](MemberReader& step) {
    report.add(
        PromotionStep{step.text("name"), step.text("unit"), step.number("total"), step.number("done"), step.time("started_at")});
  });
  members.each("findings", [&](MemberReader& finding) {
    report.add(PromotionFinding{finding.text("subject"), finding.text("problem")});
  });
  members.each("changes", [&](MemberReader& change) {
    report.add(PromotionChange{change.text("kind"), change.text("target"), change.text("name"), change.text("version"),
                               change.text("architecture"), change.text("previous_version")});
  });
  report.findings_total = members.number("findings_total");
  report.changes_total = members.number("changes_total");
}

Result<PromotionReport> report_of(const JsonNode& object) {
  MemberReader members(object);
  PromotionReport report;
  report.id = members.parsed<PromotionId>("id", PromotionId::parse).value_or(PromotionId{});
  report.state = members.parsed<PromotionState>("state", parse_promotion_state).value_or(PromotionState::failed);
  const std::uint64_t attempts = members.number("attempts");
  report.attempts = attempts > std::numeric_limits<std::uint32_t>::max() ? std::numeric_limits<std::uint32_t>::max()
                                                                         : static_cast<std::uint32_t>(attempts);
  report.started_at = members.optional_time("started_at");
  report.finished_at = members.optional_time("finished_at");
  report.explain(members.text("reason"));
  report.release = members.optional_number("release");
  report.finished_release = members.optional_number("finished_release");
  report.staged_files = members.number("staged_files");
  read_lists(members, report);
  TRY(members.finish());
  return report;
}

}  // namespace

std::string order_json(const PromotionOrder& order) { return "{" + id_member(order.id) + "," + order_members(order) + "}\n"; }
std::string report_json(const PromotionReport& report) {
  return "{" + id_member(report.id) + "," + report_members(report) + "}\n";
}
std::string promotion_json(const PromotionRecord& record) {
  return "{" + id_member(record.order.id) + "," + order_members(record.order) + "," + report_members(record.report) + "}";
}

Result<PromotionOrder> parse_order(std::string_view text) {
  TRY_ASSIGN(const JsonNode object, parse_json(text));
  return order_of(object);
}

Result<PromotionReport> parse_report(std::string_view text) {
  TRY_ASSIGN(const JsonNode object, parse_json(text));
  return report_of(object);
}

Result<PromotionRecord> parse_promotion(std::string_view text) {
  TRY_ASSIGN(const JsonNode object, parse_json(text));
  TRY_ASSIGN(PromotionOrder order, order_of(object));
  TRY_ASSIGN(PromotionReport report, report_of(object));
  return PromotionRecord{std::move(order), std::move(report)};
}

}  // namespace packyard
