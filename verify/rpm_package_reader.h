// RpmPackageReader: checks RPM packages with librpm as rpm itself would on install: header signature by one of the vendor's keys
// (its own keyring, never the system's database), header digests, payload digest; and what the header says the package is.
// One object per thread (librpm's transaction sets are not shared); making one is cheap after the first.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/digest.h"
#include "core/result.h"
#include "verify/public_keys.h"

namespace packyard {

struct CheckedRpm {
  FileDigest digest;
  std::string name, version, architecture;  // as primary has them; architecture "src" for source packages
};

class RpmPackageReader {
 public:
  static Result<std::unique_ptr<RpmPackageReader>> make(const PublicKeys& keys);
  ~RpmPackageReader();
  RpmPackageReader(const RpmPackageReader&) = delete;
  RpmPackageReader& operator=(const RpmPackageReader&) = delete;

  // Invalid: unsigned, signed by another key, damaged.
  Result<CheckedRpm> check(const std::filesystem::path& package);

 private:
  struct State;
  explicit RpmPackageReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace packyard
