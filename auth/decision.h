// Gatekeeper: may this request pass? Judges by auth/request_rule.h over the index in memory; no input or output but a re-read of
// changed keys through the IndexFollower, before anything is decided. Thread-safe. There is no setting that turns an error into
// an allow.
#pragma once

#include <span>

#include "auth/index_follower.h"
#include "auth/request_rule.h"
#include "auth/subscriber_key.h"

namespace packyard {

class Gatekeeper final : private KeyJudge {
 public:
  Gatekeeper(IndexFollower& follower, KeyIndex& index, std::span<const Pepper* const> peppers, const Clock& clock)
      : follower_(follower), index_(index), peppers_(peppers), clock_(clock) {}
  Decision decide(const Question& question) noexcept { return judge_request(question, *this); }

 private:
  Decision judge(std::string_view key, const Question& question, const RepositoryPath& path) noexcept override;

  IndexFollower& follower_;
  KeyIndex& index_;
  std::span<const Pepper* const> peppers_;  // the current one first
  const Clock& clock_;
};

}  // namespace packyard
