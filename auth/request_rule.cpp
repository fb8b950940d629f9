#include "auth/request_rule.h"

#include "auth/basic_credentials.h"
#include "auth/scope_rule.h"
#include "auth/subscriber_key.h"

namespace packyard {
namespace {

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

// A push is refused, too, but to who could read there: without a key a registry's client wants the challenge, whatever it asks.
bool hears_of_the_method_without_key(RepositoryArea area) {
  return area != RepositoryArea::registry && area != RepositoryArea::registry_ping;
}

// now is that of the clock only for a key that has times.
std::optional<Reason> refusal(const KeyEntry& entry, const Question& question, const RepositoryPath& path, Timestamp now) {
  if (entry.is_revoked) return Reason::revoked;
  if (entry.is_suspended) return Reason::suspended;
  if (entry.is_timed && now >= entry.replaced_at) return Reason::replaced;
  if (entry.is_timed && now >= entry.ends_at) return Reason::expired;
  if (entry.is_timed && now < entry.opens_at) return Reason::not_yet_valid;
  if (const auto outside = outside_scope(*entry.scope, path, question.client)) return outside;
  if (!is_read(question.method)) return Reason::bad_method;
  return std::nullopt;
}

}  // namespace

Decision decision_of(Reason reason, std::optional<RepositoryPath> path) {
  return {outcome_of(reason), reason, path, {}, {}, {}, {}};
}

std::string explain(const Decision& decision) {
  return decision.limit ? explain(*decision.limit) : std::string(explain(decision.reason));
}

Decision beyond_limit(Decision decision, const KeyId& id, const ReachedLimit& limit) {
  decision.outcome = outcome_of(Reason::limit_reached);
  decision.reason = Reason::limit_reached;
  decision.key_id = id.text;
  decision.limit = limit;
  return decision;
}

Decision judge_request(const Question& question, KeyJudge& keys) noexcept {
  const auto path = parse_repository_path(question.target);
  if (!path) {
    Decision decision = decision_of(Reason::bad_path);
    decision.rejection = path.error();
    return decision;
  }
  if (!is_read(question.method) && hears_of_the_method_without_key(path->area)) return decision_of(Reason::bad_method, *path);
  if (path->area == RepositoryArea::public_key) return decision_of(Reason::public_file, *path);
  if (question.authorization.empty()) return decision_of(Reason::no_key, *path);
  // Two headers: a proxy and we could each believe another one.
  if (question.authorization.size() > 1) return decision_of(Reason::bad_key, *path);
  const auto credentials = BasicCredentials::parse(question.authorization.front());
  if (!credentials || !is_well_formed_subscriber_key(credentials->password())) return decision_of(Reason::bad_key, *path);
  return keys.judge(credentials->password(), question, *path);
}

Decision judge_key(const KeyEntry& entry, const Question& question, const RepositoryPath& path, const Clock& clock) noexcept {
  const Timestamp now = entry.is_timed ? clock.now() : Timestamp{};
  if (const auto reason = refusal(entry, question, path, now)) {
    Decision decision = decision_of(*reason, path);
    decision.key_id = entry.id.text;
    return decision;
  }
  if (!entry.is_timed || now < entry.expires_at) return decision_of(Reason::ok, path);
  Decision decision = decision_of(Reason::in_grace, path);
  decision.expired_at = entry.expires_at;
  decision.refused_from = entry.ends_at;
  return decision;
}

}  // namespace packyard
