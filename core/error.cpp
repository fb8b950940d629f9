#include "core/error.h"

#include <cerrno>
#include <system_error>

namespace packyard {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return "invalid";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error Error::in(std::string_view context) const { return Error{code, std::string(context) + ": " + message}; }

Error system_error(std::string_view attempted, int number) {
  ErrorCode code = ErrorCode::unavailable;
  if (number == ENOENT) code = ErrorCode::not_found;
  if (number == EEXIST) code = ErrorCode::conflict;
  if (number == EINVAL || number == ENAMETOOLONG || number == ENOTDIR || number == EISDIR || number == ELOOP)
    code = ErrorCode::invalid;
  return Error{code, std::string(attempted) + ": " + std::generic_category().message(number)};
}

Error system_error(std::string_view attempted) { return system_error(attempted, errno); }

}  // namespace packyard
