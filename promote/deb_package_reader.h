// Reads a Debian binary package: its control fields, and on demand its whole data archive. How much is read is the caller's
// choice: `whole` decompresses everything, so that truncation is found, and damage where the compressed bytes carry a checksum:
// xz and gzip always; zstd as dpkg-deb writes it has none, there only what no longer unpacks is found. The checksum file beside a
// staged package guards every byte after CI; this guards against a package that was already broken when it was hashed.
// Thread-safe. Bad packages are ErrorCode::invalid with words for the vendor.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "promote/deb_control.h"
#include "promote/package_format.h"

namespace packyard {

enum class DebDepth {
  control,     // the outer archive and control.tar
  whole,       // and every byte of data.tar
  with_files,  // and the list of its files
};

struct DebPackage {
  DebControl control;
  std::vector<std::string> files;  // without "./" in front; folders are left out
};

Result<DebPackage> read_deb_package(const std::filesystem::path& file, DebDepth depth);
// Name, version, architecture, file name and source name by Debian Policy 5.6, checked; relationship fields too.
Result<PackageFacts> deb_facts(const DebControl& control);
// Whether a staged file name stands for this package: NAME_VERSION_ARCH.deb, the version with or without its epoch, and the
// epoch's ':' written as %3a or %3A too.
bool deb_staged_name_fits(std::string_view staged_name, const PackageFacts& facts);

}  // namespace packyard
