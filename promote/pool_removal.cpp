#include "promote/pool_removal.h"

#include <algorithm>
#include <set>

namespace packyard {

Result<std::vector<std::string>> files_going_with(const PackageFormat& format, Catalog& catalog, const TargetId& target,
                                                  const std::vector<PublishedName>& going) {
  std::vector<std::string> files;
  std::set<std::string> held;
  const auto add_held = [&](std::int64_t package_id, const auto& use) -> Result<void> {
    TRY_ASSIGN(const auto package, catalog.package(package_id));
    TRY_ASSIGN(const auto beside, format.held_files(target, package.record));
    for (const auto& file : beside) use(file.path);
    return {};
  };
  for (const auto& name : going) {
    files.push_back(name.path);
    TRY(add_held(name.package, [&](const std::string& path) { held.insert(path); }));
  }
  if (held.empty()) return files;
  TRY_ASSIGN(const auto there, catalog.unlisted_names(target, {}));  // in no generation at all: every name whose bytes are there
  for (const auto& name : there) {
    if (std::ranges::find(going, name.id, &PublishedName::id) != going.end()) continue;
    TRY(add_held(name.package, [&](const std::string& path) { held.erase(path); }));
  }
  files.insert(files.end(), held.begin(), held.end());
  return files;
}

}  // namespace packyard
