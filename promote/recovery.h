// What happens after the catalog says "prepared": the moves, the switch, the archive, removals. A command does it in its course;
// the next one does it again when the first was killed. Every part may be repeated at any time.
#pragma once

#include <cstdint>
#include <optional>

#include "promote/press_parts.h"
#include "storage/catalog.h"

namespace packyard {

// Moves a prepared release into public/, switches to it and marks it live.
Result<void> finish_release(const PressParts& parts, Catalog& catalog, std::uint64_t release);

// Moves published staged files to the archive, removes files that nothing needs any more.
Result<void> tidy_after_release(const PressParts& parts, Catalog& catalog);

// Finishes a prepared release forwards and gives its number; throws away any other candidate.
Result<std::optional<std::uint64_t>> recover(const PressParts& parts, Catalog& catalog);

}  // namespace packyard
