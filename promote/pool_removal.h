// What leaves pool/ when packages of a target go for good. Reads the catalog only; fails as it does.
#pragma once

#include <string>
#include <vector>

#include "promote/package_format.h"
#include "storage/catalog.h"

namespace packyard {

// The files of the packages that go, and those they hold beside them that no other package of the target needs.
Result<std::vector<std::string>> files_going_with(const PackageFormat& format, Catalog& catalog, const TargetId& target,
                                                  const std::vector<PublishedName>& going);

}  // namespace packyard
