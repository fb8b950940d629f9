// StagedPackage: one package as CI staged it, in private copies: one file for RPM and DEB; an image may come as a file per
// platform and with its SBOM. Owned by the intake; read by one thread at a time, only read once taken in.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"

namespace packyard {

// What a format has read of a file or package, so that it need not read it again; opaque to everybody else.
class StagedContent {
 public:
  virtual ~StagedContent() = default;
};

// Takes a staged file's bytes while they are hashed, in pieces. Used by one thread, once.
class StagedSink {
 public:
  virtual ~StagedSink() = default;
  // invalid: the bytes are wrong (what follows is not wanted any more); other errors are our own failure.
  virtual Result<void> write(std::string_view bytes) = 0;
  virtual Result<std::shared_ptr<const StagedContent>> finish() = 0;
};

// A plain copy of the bytes. `file` must not exist.
std::unique_ptr<StagedSink> make_copying_sink(std::filesystem::path file);

struct StagedPart {
  std::string name;                              // as staged
  std::filesystem::path copy;                    // what the sink made of it: a file, or a folder of a format's own
  FileDigest digest;                             // of the staged bytes
  std::shared_ptr<const StagedContent> content;  // from the sink; may be empty
};

struct StagedPackage {
  TargetId home;
  std::string unit;                              // what its files share (PackageFormat::unit_of)
  std::vector<StagedPart> parts;                 // by name, at least one
  FileDigest identity;                           // same identity, same package (PackageFormat::identify)
  std::shared_ptr<const StagedContent> content;  // from read(); may be empty
};

}  // namespace packyard
