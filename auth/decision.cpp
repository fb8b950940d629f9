#include "auth/decision.h"

#include <utility>

namespace packyard {

Decision Gatekeeper::judge(std::string_view key, const Question& question, const RepositoryPath& path) noexcept {
  if (follower_.ensure_current() != IndexState::current) return decision_of(Reason::not_current, path);
  const KeyIndex::Reading reading(index_);
  for (const Pepper* pepper : peppers_) {
    const KeyEntry* const entry = reading.find(digest_of_key(*pepper, key));
    if (entry == nullptr) continue;
    Decision decision = judge_key(*entry, question, path, clock_);
    if (decision.outcome != Outcome::allow)
      entry->usage->count_denied();
    else if (!entry->is_limited)
      entry->usage->count(question.client, question.user_agent);
    else if (const auto limit = entry->usage->count_within(entry->limits, clock_.now(), question.client, question.user_agent))
      return beyond_limit(std::move(decision), entry->id, *limit);
    return decision;
  }
  return decision_of(Reason::bad_key, path);
}

}  // namespace packyard
