// Takes staged files into private scratch: one pass that copies and hashes, then the format's own reading of the copy. What CI
// does to staging afterwards no longer matters. Several files at once; memory does not grow with their size.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "promote/package_format.h"
#include "promote/press_parts.h"
#include "promote/staging_area.h"

namespace packyard {

struct TakenPackage {
  StagedFile staged;
  FileDigest digest;
  std::filesystem::path scratch;  // the private copy; gone when copies are not kept
  PackageFacts facts;
};

struct TakenSupplement {
  StagedFile staged;
  std::string text;
};

struct Intake {
  std::vector<TakenPackage> packages;  // in the order of the staged list
  std::vector<TakenSupplement> supplements;
  std::vector<Finding> findings;
};

enum class Copies { kept, removed };

// `scratch` must exist. An Error means our own failure (no room, unreadable store); bad packages are findings.
Result<Intake> take_in(const PressParts& parts, const StagedList& staged, const std::filesystem::path& scratch, Copies copies);

}  // namespace packyard
