// Where the press keeps things outside public/: names below state/, made only here. Pure functions.
#pragma once

#include <filesystem>

#include "core/settings.h"
#include "core/tree_path.h"

namespace packyard::store_paths {

inline std::filesystem::path catalog(const Settings& settings) { return settings.storage.state / "catalog.db"; }
inline std::filesystem::path lock(const Settings& settings) { return settings.storage.state / "promote.lock"; }
inline std::filesystem::path incoming(const Settings& settings) { return settings.storage.state / "incoming"; }
inline std::filesystem::path metrics(const Settings& settings) { return settings.storage.state / "metrics"; }
// A candidate, shaped like public/.
inline std::filesystem::path candidate(const Settings& settings, std::uint64_t release) {
  return incoming(settings) / std::filesystem::path(tree_path::release(release)).filename();
}
inline std::filesystem::path scratch(const Settings& settings) { return incoming(settings) / "scratch"; }
inline std::filesystem::path public_key(const Settings& settings) { return settings.storage.public_keys / "lts.asc"; }
inline std::filesystem::path image_public_key(const Settings& settings) { return settings.storage.public_keys / "cosign.pub"; }

}  // namespace packyard::store_paths
