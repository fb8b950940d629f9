// StagingArea: what CI put into the staging store, paired with its checksums: {component}/{year}/{format}/{target}/{file} with
// {file}.sha256 beside it, or a set.json (promote/staged_set.h). Only reads. What is wrong with a name, a place or a pair is a
// finding, so that the vendor sees all of them at once; an Error means the store could not be read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/settings.h"
#include "promote/scope.h"
#include "storage/object_store.h"
#include "verify/site_verifier.h"

namespace packyard {

// A small file beside packages, and the bytes it was read with.
struct StagedNote {
  ObjectKey key;
  Sha256 sha256;
};

struct StagedFile {
  ObjectKey key;
  TargetId target;
  std::string name;
  std::uint64_t size_bytes = 0;
  Sha256 expected;
  std::vector<StagedNote> companions;  // its checksum file
};

struct StagedList {
  std::vector<StagedFile> files;  // by key
  std::vector<StagedNote> sets;   // set.json files in force
  std::vector<Finding> findings;
};

class StagingArea {
 public:
  // `archive_folder`: a folder of the store that is not staging, empty when the archive is elsewhere.
  StagingArea(ObjectStore& store, std::string archive_folder, const Settings& settings)
      : store_(store), archive_folder_(std::move(archive_folder)), settings_(settings) {}
  Result<StagedList> read(const Scope& scope);

 private:
  struct TargetFolder {
    std::string folder;
    std::map<std::string, ObjectInfo> files;           // by name, checksum files too
    std::optional<std::map<std::string, Sha256>> set;  // from set.json
  };
  Result<TargetFolder> sort_folder(const std::string& folder, const ObjectListing& listing, StagedList& list);
  Result<std::optional<StagedFile>> pair(const TargetFolder& folder, const std::string& name, const TargetId& target,
                                         StagedList& list);
  Result<void> read_component(const std::string& folder, const Scope& scope, StagedList& list);
  Result<void> read_target(const std::string& folder, const TargetId& target, StagedList& list);
  std::optional<std::string> why_unknown(const TargetId& target) const;

  ObjectStore& store_;
  std::string archive_folder_;
  const Settings& settings_;
};

}  // namespace packyard
