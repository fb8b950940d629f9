// What went wrong, in words for an operator: what was attempted, on what, why it failed, what to do. Never holds a secret.
// A plain value; safe to copy between threads.
#pragma once

#include <string>
#include <string_view>

namespace packyard {

enum class ErrorCode {
  invalid,      // the input is wrong; trying again cannot help
  not_found,    // known to be absent (never used for "could not find out")
  conflict,     // contradicts what is already there, or somebody else holds the lock
  unavailable,  // may work later: full disk, busy database, unreachable program, missed deadline
  corrupt,      // what we kept ourselves is damaged
  internal,     // a library or program did something we did not expect
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;

  // The same error with context in front: "reading /x: permission denied".
  Error in(std::string_view context) const;
};

// Error from errno (or a given number): "opening /x: No space left on device". ENOENT is not_found, ENOSPC and the like
// unavailable.
Error system_error(std::string_view attempted, int number);
Error system_error(std::string_view attempted);  // uses errno

}  // namespace packyard
