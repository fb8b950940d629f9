// A package as an index of a target lists it, and what the checks of its bytes need to know. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/digest.h"

namespace packyard {

struct IndexedPackage {
  Sha256 sha256;
  std::uint64_t size_bytes = 0;
  std::string name;
  std::string version;        // RPM "epoch:version-release" (epoch only when not 0), DEB as in the control file
  std::string architecture;
  Sha256 control;             // DEB: digest of the fields that decide an installation (deb_paragraph.h)

  bool operator==(const IndexedPackage&) const = default;
};

// By path below public/.
using IndexedPackages = std::map<std::string, IndexedPackage>;

}  // namespace packyard
