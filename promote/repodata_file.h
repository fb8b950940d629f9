// RepodataFile: one data file of repodata (primary, updateinfo, …): compressed and hashed on its own thread while it is written,
// then named by checksum, and described as in repomd.xml. Made for one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/settings.h"
#include "core/timestamp.h"
#include "promote/package_format.h"

namespace packyard {

struct RepodataFileRequest {
  const TargetId& target;
  const std::filesystem::path& candidate;
  std::string type;                        // in repomd.xml: "primary", "group_gz"
  std::string name;                        // before the compression's ending: "primary.xml"
  std::optional<Compression> compression;  // unset: as it is
  Timestamp published_at;
};

class RepodataFile {
 public:
  static Result<RepodataFile> create(RepodataFileRequest request);
  RepodataFile(RepodataFile&&) noexcept;
  RepodataFile& operator=(RepodataFile&&) = delete;
  ~RepodataFile();

  Result<void> write(std::string_view bytes);

  struct Finished {
    BuiltGeneration::File file;
    std::string repomd_entry;  // <data type="…">…</data>
  };
  Result<Finished> finish();

 private:
  struct State;
  explicit RepodataFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace packyard
