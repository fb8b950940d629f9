// Whether a key's scope holds what is asked for. Pure function, no allocation; the client's address is looked for only where the
// scope names addresses.
#pragma once

#include <optional>

#include "auth/client_address.h"
#include "auth/reason.h"
#include "core/repository_path.h"
#include "storage/key_scope.h"

namespace packyard {

// Nothing when the scope holds it, else the first of wrong_address, wrong_component, wrong_format and wrong_year that says why.
// A registry's ping names neither component nor year: any valid key may send it. Without a client an address is never held.
std::optional<Reason> outside_scope(const KeyScope& scope, const RepositoryPath& path, const ClientAddress* client) noexcept;

}  // namespace packyard
