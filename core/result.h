// Result<T>: a value, or an Error that says why not. What can fail returns it; exceptions stop in the adapter that meets them.
// TRY(expression);                    returns the error of a Result<void> to the caller
// TRY_ASSIGN(auto value, expression); the value of a Result<T>, or returns its error
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "core/error.h"

namespace packyard {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace packyard

#define PACKYARD_CONCAT_INNER(a, b) a##b
#define PACKYARD_CONCAT(a, b) PACKYARD_CONCAT_INNER(a, b)
#define TRY(expression)                                                     \
  do {                                                                      \
    if (auto packyard_result = (expression); !packyard_result) [[unlikely]] \
      return ::packyard::fail(std::move(packyard_result).error());          \
  } while (false)
#define PACKYARD_TRY_ASSIGN(temporary, declaration, expression) \
  auto temporary = (expression);                                \
  if (!temporary) [[unlikely]]                                  \
    return ::packyard::fail(std::move(temporary).error());      \
  declaration = std::move(*temporary)
#define TRY_ASSIGN(declaration, expression) PACKYARD_TRY_ASSIGN(PACKYARD_CONCAT(packyard_try_, __LINE__), declaration, expression)
