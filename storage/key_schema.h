// The versions of the key database, as steps for storage/sqlite_migrations.h. Steps once released never change.
#pragma once

#include <span>
#include <string_view>

namespace packyard {

std::span<const std::string_view> key_schema();

}  // namespace packyard
