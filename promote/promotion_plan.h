// PromotionPlan: what a promotion would change, worked out before anything is signed or written. Made from what was taken in, the
// catalog and the gates; --dry-run shows it, the promoter carries it out. Only reads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "promote/package_intake.h"
#include "promote/press_parts.h"
#include "storage/catalog.h"

namespace packyard {

enum class ChangeKind {
  added,
  upgraded,
  removed,
  resealed,  // the same image, signed anew or with another SBOM
  moved,     // a tag that stands for another image now
};
std::string_view to_string(ChangeKind kind);

// One line of what customers will see.
struct ContentChange {
  ChangeKind kind = ChangeKind::added;
  std::string target, name, architecture, version;
  std::string previous_version;  // upgraded and moved only
};

// A package that a target is to list from now on.
struct PlannedListing {
  std::size_t package = 0;              // index into Intake::packages
  std::string path;                     // below public/
  std::optional<std::int64_t> name_id;  // the name exists already
  bool bytes_present = false;           // and so do its bytes
  std::optional<Listing> joins{};       // published: what was staged is added to it and takes its place
};

// A package listed elsewhere that a newly added target lists too.
struct BackFill {
  Listing listing;
  std::string path;
};

struct TargetPlan {
  std::uint64_t generation = 0;  // in force; 0: none yet
  std::vector<PlannedListing> added;
  std::vector<BackFill> back_filled;
  std::vector<Listing> dropped;                    // policy keep: N
  std::map<std::string, std::string> supplements;  // changed ones, whole
  bool is_changed() const { return !added.empty() || !back_filled.empty() || !dropped.empty() || !supplements.empty(); }
};

struct PromotionPlan {
  std::map<TargetId, TargetPlan> targets;  // changed ones only
  std::vector<ContentChange> changes;
  std::vector<Finding> findings;
};

enum class OlderVersions { refused, allowed };

Result<PromotionPlan> plan_promotion(const PressParts& parts, Catalog& catalog, const Intake& intake, OlderVersions older);

}  // namespace packyard
