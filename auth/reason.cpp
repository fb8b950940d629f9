#include "auth/reason.h"

namespace packyard {
namespace {

struct Words {
  std::string_view name;
  std::string_view sentence;
};

Words words_of(Reason reason) {
  constexpr std::string_view nobody = "nobody may ask for this path";
  switch (reason) {
    case Reason::ok: return {"ok", "this request may pass"};
    case Reason::public_file: return {"public_file", "this file is open to everybody"};
    case Reason::in_grace: return {"in_grace", "this subscriber key has expired and is accepted for a short time more"};
    case Reason::no_key: return {"no_key", "authentication required: any user name, the subscriber key as password"};
    case Reason::bad_key: return {"bad_key", "this is no valid subscriber key"};
    case Reason::not_yet_valid: return {"not_yet_valid", "this subscriber key is not valid yet"};
    case Reason::expired: return {"expired", "this subscriber key has expired"};
    case Reason::revoked: return {"revoked", "this subscriber key was revoked"};
    case Reason::suspended: return {"suspended", "this subscriber key is suspended"};
    case Reason::replaced: return {"replaced", "this subscriber key was replaced by a newer one"};
    case Reason::wrong_component: return {"wrong_component", "this subscriber key does not open this component"};
    case Reason::wrong_year: return {"wrong_year", "this subscriber key does not open this year"};
    case Reason::wrong_format: return {"wrong_format", "this subscriber key does not open this kind of package"};
    case Reason::wrong_address: return {"wrong_address", "this subscriber key may not be used from this address"};
    case Reason::limit_reached: return {"limit_reached", "this subscriber key has reached a limit of its day"};
    case Reason::bad_method: return {"bad_method", "only GET and HEAD"};
    case Reason::bad_path: return {"bad_path", nobody};
    case Reason::bad_headers: return {"bad_headers", nobody};
    case Reason::not_current: break;
  }
  return {"not_current", "the keys cannot be checked right now, try again"};
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

std::string_view to_string(Reason reason) { return words_of(reason).name; }

Outcome outcome_of(Reason reason) {
  if (reason == Reason::ok || reason == Reason::public_file || reason == Reason::in_grace) return Outcome::allow;
  return reason == Reason::not_current ? Outcome::error : Outcome::deny;
}

std::string_view explain(Reason reason) { return words_of(reason).sentence; }

}  // namespace packyard
