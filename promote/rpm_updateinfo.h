// Updateinfo: the advisories of an RPM target (updateinfo.xml as dnf and libsolv read it). Staged advisories join those in force:
// the same id replaces the older one, unless the staged one carries an earlier date. Plain values; malformed is invalid.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace packyard {

struct AdvisedPackage {
  std::string advisory;      // the id that names it
  std::string name;
  std::string version;       // "epoch:version-release", the epoch only when not 0
  std::string architecture;
};

// `previous` may be empty.
Result<std::string> merge_updateinfo(std::string_view previous, std::string_view staged);
Result<std::vector<AdvisedPackage>> packages_in_updateinfo(std::string_view text);

}  // namespace packyard
