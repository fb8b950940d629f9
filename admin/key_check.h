// What the gate would say to a request, and why: for who asks on a customer's behalf. The same rules as the gate's
// (auth/request_rule.h), over the key store as it is now; counts nothing, changes nothing. The key in a question is a secret: it is
// never shown or logged. Thread-safe as its parts are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/error_catalog.h"
#include "auth/request_rule.h"
#include "core/pepper.h"
#include "core/random_source.h"
#include "core/secret.h"
#include "storage/key_store.h"

namespace packyard {

struct CheckRequest {
  Secret key;          // either the key itself
  std::string key_id;  // or which one is meant
  std::string uri;     // as the front reports it: "/rpm/core/2025/…"
  std::string method = "GET";
  std::optional<IpAddress> address{};  // of the client; a key for some addresses is refused without
};

// {"key" or "key_id", "uri", "method", "address"}
ApiResult<CheckRequest> parse_check_request(std::string_view body);
std::string check_request_json(const CheckRequest& request);

struct CheckAnswer {
  Decision decision;    // without its path
  unsigned status = 0;  // of the gate's answer
};

class KeyCheck {
 public:
  KeyCheck(KeyStore& store, std::span<const Pepper* const> peppers, const Clock& clock)
      : store_(store), peppers_(peppers), clock_(clock) {}

  // Nothing when no key has the id. A secret that nobody has is a decision. Fails as the store does.
  Result<std::optional<Decision>> ask(const CheckRequest& request, RandomSource& random);

 private:
  KeyStore& store_;
  std::span<const Pepper* const> peppers_;
  const Clock& clock_;
};

// {"outcome","reason","explanation","status","path_rule","key_id","warning"}; the last three may be null.
std::string check_answer_json(const CheckAnswer& answer);

struct CheckView {
  std::string outcome, reason, explanation, path_rule, key_id, warning;
  std::uint64_t status = 0;
};
Result<CheckView> parse_check_view(std::string_view body);

}  // namespace packyard
