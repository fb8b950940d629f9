#include "auth/decision.h"

#include "auth/basic_credentials.h"

namespace packyard {
namespace {

Decision deny(Reason reason, std::optional<RepositoryPath> path = std::nullopt) { return {Outcome::deny, reason, path, {}, {}}; }

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

// A push is refused, too, but to who could read there: without a key a registry's client wants the challenge, whatever it asks.
bool hears_of_the_method_without_key(RepositoryArea area) {
  return area != RepositoryArea::registry && area != RepositoryArea::registry_ping;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::allow: return "allow";
    case Outcome::deny: return "deny";
    case Outcome::error: return "error";
  }
  return "error";
}

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::ok: return "ok";
    case Reason::public_file: return "public_file";
    case Reason::no_key: return "no_key";
    case Reason::bad_key: return "bad_key";
    case Reason::expired: return "expired";
    case Reason::revoked: return "revoked";
    case Reason::wrong_component: return "wrong_component";
    case Reason::bad_method: return "bad_method";
    case Reason::bad_path: return "bad_path";
    case Reason::bad_headers: return "bad_headers";
    case Reason::not_current: return "not_current";
  }
  return "not_current";
}

Decision Gatekeeper::decide(const Question& question) noexcept {
  const auto path = parse_repository_path(question.target);
  if (!path) {
    Decision decision = deny(Reason::bad_path);
    decision.rejection = path.error();
    return decision;
  }
  if (!is_read(question.method) && hears_of_the_method_without_key(path->area)) return deny(Reason::bad_method, *path);
  if (path->area == RepositoryArea::public_key) return {Outcome::allow, Reason::public_file, *path, {}, {}};
  return decide_by_key(question, *path);
}

Decision Gatekeeper::decide_by_key(const Question& question, const RepositoryPath& path) noexcept {
  if (question.authorization.empty()) return deny(Reason::no_key, path);
  // Two headers: a proxy and we could each believe another one.
  if (question.authorization.size() > 1) return deny(Reason::bad_key, path);
  const auto credentials = BasicCredentials::parse(question.authorization.front());
  if (!credentials || !is_well_formed_subscriber_key(credentials->password())) return deny(Reason::bad_key, path);
  if (follower_.ensure_current() != IndexState::current) return {Outcome::error, Reason::not_current, path, {}, {}};
  const KeyIndex::Reading reading(index_);
  for (const Pepper* pepper : peppers_)
    if (const KeyEntry* entry = reading.find(digest_of_key(*pepper, credentials->password())); entry != nullptr)
      return judge(*entry, path, is_read(question.method));
  return deny(Reason::bad_key, path);
}

Decision Gatekeeper::judge(const KeyEntry& entry, const RepositoryPath& path, bool reads) const {
  const auto refuse = [&](Reason reason) {
    Decision decision = deny(reason, path);
    decision.key_id = entry.id.text;
    return decision;
  };
  if (entry.revoked_at) return refuse(Reason::revoked);
  if (entry.expires_at && clock_.now() >= *entry.expires_at) return refuse(Reason::expired);
  const bool in_scope = path.area == RepositoryArea::registry_ping || path.component == entry.component.text();
  if (!in_scope) return refuse(Reason::wrong_component);
  if (!reads) return refuse(Reason::bad_method);
  entry.usage->count();
  return {Outcome::allow, Reason::ok, path, {}, {}};
}

}  // namespace packyard
