// The rules by which a request is judged, over any way to look a key up: the gate's index (auth/decision.h) or the key store (an
// operator's question, admin/). Path, method and Authorization in; allow, deny with a reason, or error out. No HTTP, no input or
// output. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/client_address.h"
#include "auth/key_entry.h"
#include "auth/limit_rule.h"
#include "auth/reason.h"
#include "core/clock.h"
#include "core/repository_path.h"

namespace packyard {

struct Question {
  std::string_view target;  // raw, as the proxy reports it
  std::string_view method;
  std::span<const std::string_view> authorization;  // every Authorization header, in order
  const ClientAddress* client = nullptr;            // asked for the use of a key, and by keys that some addresses alone may use
  std::string_view user_agent{};                    // of the client, where the proxy reports it; counted, never judged
};

struct Decision {
  Outcome outcome = Outcome::error;
  Reason reason = Reason::not_current;
  std::optional<RepositoryPath> path;  // unset when rejected; views into the question's target
  std::optional<PathRejection> rejection;
  std::string key_id;  // of a matched key that was denied, for the log
  // With in_grace: since when the key has expired, and from when it is refused.
  Timestamp expired_at{}, refused_from{};
  std::optional<ReachedLimit> limit{};  // with limit_reached: which
};

// For the customer, in one sentence.
std::string explain(const Decision& decision);
Decision decision_of(Reason reason, std::optional<RepositoryPath> path = std::nullopt);

// Judges a request whose password has the form of a key.
class KeyJudge {
 public:
  virtual ~KeyJudge() = default;
  virtual Decision judge(std::string_view key, const Question& question, const RepositoryPath& path) noexcept = 0;
};

// Everything before a key is looked up: path, method, credentials.
Decision judge_request(const Question& question, KeyJudge& keys) noexcept;
// Everything after but the limits of a day: may this key fetch this? Counts nothing.
Decision judge_key(const KeyEntry& entry, const Question& question, const RepositoryPath& path, const Clock& clock) noexcept;
// What was allowed, refused for a limit.
Decision beyond_limit(Decision decision, const KeyId& id, const ReachedLimit& limit);

}  // namespace packyard
