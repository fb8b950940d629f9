// The date of a release. Clients compare whole seconds and never go back: apt keeps the Release with the later Date and refuses
// one whose Date lies in the future, yum of el7 keeps the repomd.xml with the later timestamps; dnf and zypper take any that
// differs. So each release is dated after the one before it, with one way back: a release that a wrong clock dated into the
// future is followed by one of now. Whoever checks dates refused the former and takes the latter.
#pragma once

#include <vector>

#include "core/clock.h"
#include "storage/catalog.h"

namespace packyard {

enum class Dating {
  after_the_last,  // refused while the last release is dated later than the clock
  by_the_clock,    // what is dated later does not count: the clock was wrong then
};

// Waits until the second is one that no earlier release has.
Result<Timestamp> take_publication_second(Clock& clock, Catalog& catalog, Dating dating);

// Targets of the live release whose index is dated after `now`.
Result<std::vector<TargetId>> targets_dated_after(Catalog& catalog, Timestamp now);

}  // namespace packyard
