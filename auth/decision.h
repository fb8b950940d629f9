// Decision: may this request pass? A pure middle: path, method and Authorization in; allow, deny with a reason, or error out.
// No HTTP, no input or output (but a re-read of changed keys through the IndexFollower, before anything is decided).
// Thread-safe. There is no setting that turns an error into an allow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/index_follower.h"
#include "auth/subscriber_key.h"
#include "core/clock.h"
#include "core/repository_path.h"

namespace packyard {

enum class Outcome { allow, deny, error };

enum class Reason {
  ok,
  public_file,  // /gpg/: open to everybody
  no_key,
  bad_key,  // malformed, mistyped or unknown
  expired,
  revoked,
  wrong_component,  // a good key outside its scope
  bad_method,
  bad_path,
  bad_headers,  // missing, doubled or another proxy family's
  not_current,  // our own failure: the keys cannot be read
};
std::string_view to_string(Outcome outcome);
std::string_view to_string(Reason reason);

struct Question {
  std::string_view target;  // raw, as the proxy reports it
  std::string_view method;
  std::span<const std::string_view> authorization;  // every Authorization header, in order
};

struct Decision {
  Outcome outcome = Outcome::error;
  Reason reason = Reason::not_current;
  std::optional<RepositoryPath> path;  // unset when rejected; views into the question's target
  std::optional<PathRejection> rejection;
  std::string key_id;  // of a matched key that was denied, for the log
};

class Gatekeeper {
 public:
  Gatekeeper(IndexFollower& follower, KeyIndex& index, std::span<const Pepper* const> peppers, const Clock& clock)
      : follower_(follower), index_(index), peppers_(peppers), clock_(clock) {}
  Decision decide(const Question& question) noexcept;

 private:
  Decision decide_by_key(const Question& question, const RepositoryPath& path) noexcept;
  Decision judge(const KeyEntry& entry, const RepositoryPath& path, bool reads) const;

  IndexFollower& follower_;
  KeyIndex& index_;
  std::span<const Pepper* const> peppers_;  // the current one first
  const Clock& clock_;
};

}  // namespace packyard
