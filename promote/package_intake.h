// Takes staged packages into private scratch: one pass over each file that copies and hashes, then the format's own reading. What
// CI does to staging afterwards no longer matters. Several packages at once; memory does not grow with their size.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "promote/package_format.h"
#include "promote/press_parts.h"
#include "promote/staging_area.h"

namespace packyard {

struct TakenPackage {
  ObjectKey key;         // of its first file, for findings
  StagedPackage staged;  // its copies are gone when copies are not kept
  PackageFacts facts;
};

struct TakenSupplement {
  StagedFile staged;
  std::string text;
};

struct Intake {
  std::vector<TakenPackage> packages;  // in the order of their first files
  std::vector<TakenSupplement> supplements;
  std::vector<Finding> findings;
};

enum class Copies { kept, removed };

// `scratch` must exist. An Error means our own failure (no room, unreadable store); bad packages are findings.
Result<Intake> take_in(const PressParts& parts, const StagedList& staged, const std::filesystem::path& scratch, Copies copies);

}  // namespace packyard
