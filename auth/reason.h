// Why a request passes or not: the word in the log, the metric and X-Packyard-Reason. Before a digest matched it is only no_key or
// bad_key. The order is that of the metrics' table; the texts never change.
#pragma once

#include <array>
#include <string_view>

namespace packyard {

enum class Outcome { allow, deny, error };

enum class Reason {
  ok,
  public_file,  // /gpg/: open to everybody
  in_grace,     // passes, but the key has expired
  no_key,
  bad_key,  // malformed, mistyped or unknown
  not_yet_valid,
  expired,
  revoked,
  suspended,
  replaced,         // a secret that a rotation replaced, its overlap over
  wrong_component,  // a good key outside its scope, as the next three
  wrong_year,
  wrong_format,
  wrong_address,
  limit_reached,  // of a key's day
  bad_method,
  bad_path,
  bad_headers,  // missing, doubled or another proxy family's
  not_current,  // our own failure: the keys cannot be read
};
inline constexpr auto all_reasons = std::to_array(
    {Reason::ok, Reason::public_file, Reason::in_grace, Reason::no_key, Reason::bad_key, Reason::not_yet_valid, Reason::expired,
     Reason::revoked, Reason::suspended, Reason::replaced, Reason::wrong_component, Reason::wrong_year, Reason::wrong_format,
     Reason::wrong_address, Reason::limit_reached, Reason::bad_method, Reason::bad_path, Reason::bad_headers, Reason::not_current});

std::string_view to_string(Outcome outcome);
std::string_view to_string(Reason reason);
Outcome outcome_of(Reason reason);
// For the customer, in one sentence.
std::string_view explain(Reason reason);

}  // namespace packyard
