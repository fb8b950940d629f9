#include "admin/key_check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "admin/request_object.h"
#include "auth/subscriber_key.h"
#include "core/base64.h"
#include "core/json_text.h"

namespace packyard {
namespace {

constexpr std::size_t method_bytes_max = 32;
constexpr std::array<std::string_view, 5> known_fields = {"key", "key_id", "uri", "method", "address"};

// Looks the key up in the store, or judges the one that was found before.
class StoreJudge final : public KeyJudge {
 public:
  StoreJudge(KeyStore& store, std::span<const Pepper* const> peppers, const Clock& clock, const std::optional<KeyRecord>& named)
      : store_(store), peppers_(peppers), clock_(clock), named_(named) {}

  Decision judge(std::string_view key, const Question& question, const RepositoryPath& path) noexcept override {
    if (named_) return judge_secret(*named_, named_->digest, question, path);
    for (const Pepper* pepper : peppers_) {
      const Sha256 digest = digest_of_key(*pepper, key);
      auto record = store_.find_by_digest(digest);
      if (!record) {
        failure = std::move(record).error();
        return decision_of(Reason::not_current, path);
      }
      if (*record) return judge_secret(**record, digest, question, path);
    }
    return decision_of(Reason::bad_key, path);
  }

  std::optional<Error> failure;

 private:
  Decision judge_secret(const KeyRecord& record, const Sha256& digest, const Question& question, const RepositoryPath& path) {
    for (const KeyEntry& entry : key_entries_of(record, std::make_shared<const KeyScope>(record.scope), nullptr)) {
      if (entry.digest != digest) continue;
      Decision decision = judge_key(entry, question, path, clock_);
      decision.key_id = record.id.text;
      return decision.outcome == Outcome::allow && record.limits.any() ? judge_limits(record, question, std::move(decision)) : decision;
    }
    return decision_of(Reason::bad_key, path);
  }

  // By what the gates have written of the day so far.
  Decision judge_limits(const KeyRecord& record, const Question& question, Decision decision) {
    const Timestamp now = clock_.now();
    const auto use = store_.use_on(record.id, UtcDay::of(now));
    if (!use) {
      failure = use.error();
      return decision_of(Reason::not_current, decision.path);
    }
    const auto address = question.client == nullptr ? std::nullopt : question.client->find();
    const bool is_new = address && std::ranges::find(use->addresses, *address) == use->addresses.end();
    const auto limit = reached_limit(record.limits, {use->requests, use->addresses.size(), is_new}, now);
    return limit ? beyond_limit(std::move(decision), record.id, *limit) : decision;
  }

  KeyStore& store_;
  std::span<const Pepper* const> peppers_;
  const Clock& clock_;
  const std::optional<KeyRecord>& named_;
};

std::string text_or_null(std::string_view text) { return text.empty() ? "null" : json_text(text); }

std::string member(const JsonNode& object, std::string_view name) {
  const JsonNode* const node = object.find(name);
  return node != nullptr && node->kind == JsonNode::Kind::text ? node->text : std::string();
}

}  // namespace

ApiResult<CheckRequest> parse_check_request(std::string_view body) {
  const auto object = parse_request_object(body);
  if (!object) return std::unexpected(object.error());
  CheckRequest request;
  for (const JsonNode& field : object->items) {
    if (std::ranges::find(known_fields, field.name) == known_fields.end())
      return unknown_field(field, "key or key_id, uri, method, address");
    auto text = text_field(field);
    if (!text) return std::unexpected(std::move(text).error());
    if (field.name == "key") request.key = Secret(std::move(*text));
    if (field.name == "key_id") request.key_id = *text;
    if (field.name == "uri") request.uri = *text;
    if (field.name == "method") request.method = *text;
    if (field.name != "address") continue;
    request.address = IpAddress::parse(*text);
    if (!request.address) return refuse(ApiError::check_invalid, "address is not an IPv4 or IPv6 address");
  }
  if (object->find("uri") == nullptr) return missing_field("uri");
  if ((object->find("key") == nullptr) == (object->find("key_id") == nullptr))
    return refuse(ApiError::check_invalid, "give either key or key_id");
  if (request.method.empty() || request.method.size() > method_bytes_max)
    return refuse(ApiError::check_invalid, "method is 1 to 32 characters, like GET");
  return request;
}

std::string check_request_json(const CheckRequest& request) {
  const bool by_id = !request.key_id.empty();
  std::string text =
      by_id ? "{\"key_id\":" + json_text(std::string_view(request.key_id)) : "{\"key\":" + json_text(request.key.reveal());
  text += ",\"uri\":" + json_text(std::string_view(request.uri)) + ",\"method\":" + json_text(std::string_view(request.method));
  if (request.address) text += ",\"address\":\"" + request.address->text() + "\"";
  return text + "}\n";
}

Result<std::optional<Decision>> KeyCheck::ask(const CheckRequest& request, RandomSource& random) {
  std::optional<KeyRecord> named;
  if (!request.key_id.empty()) {
    TRY_ASSIGN(named, store_.find(KeyId{request.key_id}));
    if (!named) return std::optional<Decision>();
  }
  // A key that is meant by its id has no secret here: any well-formed one stands for it, and the judge does not look at it.
  const Secret key = named ? make_subscriber_key(random) : request.key.clone();
  const Secret header("Basic " + encode_base64("check:" + std::string(key.reveal())));
  const std::string_view authorization = header.reveal();
  const KnownClient client(request.address);
  StoreJudge judge(store_, peppers_, clock_, named);
  const bool has_key = named || !request.key.empty();
  Decision decision = judge_request({request.uri, request.method, {&authorization, has_key ? 1u : 0u}, &client}, judge);
  if (judge.failure) return fail(std::move(*judge.failure));
  return std::optional(std::move(decision));
}

std::string check_answer_json(const CheckAnswer& answer) {
  const Decision& decision = answer.decision;
  const bool warns = decision.reason == Reason::in_grace;
  return "{\"outcome\":" + json_text(to_string(decision.outcome)) + ",\"reason\":" + json_text(to_string(decision.reason)) +
         ",\"explanation\":" + json_text(std::string_view(explain(decision))) + ",\"status\":" + std::to_string(answer.status) +
         ",\"path_rule\":" + text_or_null(decision.rejection ? to_string(*decision.rejection) : "") +
         ",\"key_id\":" + text_or_null(decision.key_id) +
         ",\"warning\":" + text_or_null(warns ? "refused from " + decision.refused_from.rfc3339() : "") + "}\n";
}

Result<CheckView> parse_check_view(std::string_view body) {
  const auto object = parse_json(body);
  if (!object || member(*object, "outcome").empty())
    return fail(ErrorCode::internal,
                "reading the admin's answer: it is not what packyard admin sends; is another program listening there?");
  CheckView view{member(*object, "outcome"),   member(*object, "reason"), member(*object, "explanation"),
                 member(*object, "path_rule"), member(*object, "key_id"), member(*object, "warning")};
  if (const JsonNode* const status = object->find("status"); status != nullptr) view.status = status->whole.value_or(0);
  return view;
}

}  // namespace packyard
