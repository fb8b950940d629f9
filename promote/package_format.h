// PackageFormat: what the promoter must know about one format (RPM, DEB, images) and nothing else does: recognise staged
// files, read a package, judge whether it fits a target, sign it, describe it for the index, and build a target's indexes.
// Implementations: promote/rpm_format.h, promote/deb_format.h (both promote/single_file_format.h), promote/oci_format.h, a fake in
// tests/support. All methods are thread-safe; read, seal and describe are called from several threads at once. Bad packages are
// ErrorCode::invalid with words for the vendor.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/names.h"
#include "core/result.h"
#include "core/timestamp.h"
#include "promote/staged_package.h"
#include "signer/openpgp_signer.h"

namespace packyard {

enum class StagedKind {
  package,
  supplement,  // updateinfo.xml, comps.xml, modules.yaml: belongs to the target, not to a package
  foreign,     // nothing this format publishes: an error
};

// What a package says of itself.
struct PackageFacts {
  std::string name;
  std::string version;       // whole: RPM "epoch:version-release" (epoch only when not 0), DEB "epoch:upstream-revision"; image: digest
  std::string architecture;  // "x86_64", "noarch", "src"; "amd64", "all"; image: all of them, "amd64,arm64"
  std::string file_name;     // as published, made from the fields above: acme-1.0-1.el9.x86_64.rpm, acme_1.0_amd64.deb (no epoch);
                             // image: server:1.4.2
  std::string source_name;   // DEB: the source package (pool folder); RPM: source rpm file name; image: identity it was staged with
  std::string modularity;    // RPM: modularity label, empty when not modular
  std::vector<std::string> signer_key_ids;  // upper-case hexadecimal key ids of OpenPGP signatures the staged package carries
};

// A package as a target lists it.
struct ListedPackage {
  PackageFacts facts;
  std::string pool_path;  // below public/: pool/rpm/…
  Sha256 published_sha256;
  std::uint64_t size_bytes = 0;
  std::string record;  // what describe() returned, kept in the catalog, opaque to everyone else
};

// Streams a target's whole content in index order (name, then version, then architecture); memory stays flat.
class PackageSource {
 public:
  virtual ~PackageSource() = default;
  virtual Result<void> for_each(const std::function<Result<void>(const ListedPackage&)>& visit) = 0;
  virtual std::uint64_t count() const = 0;
};

// By staged file name ("updateinfo.xml") the whole text in force for a target.
using Supplements = std::map<std::string, std::string>;

struct GenerationRequest {
  TargetId target;
  std::uint64_t generation;         // its number
  Timestamp published_at;           // goes into Date, revision, timestamps and the files' modification times
  std::filesystem::path candidate;  // root shaped like public/: write index/… and generations/… below it
  PackageSource& packages;
  PackageSource& unlisted;  // packages whose bytes are still there, listed earlier: images stay readable by digest
  const Supplements& supplements;
  OpenPgpSigner& signer;
};

// What the build wrote, below the candidate root: needed to know what a generation keeps alive.
struct BuiltGeneration {
  struct File {
    std::string path;  // index/… or generations/…
    FileDigest digest;
  };
  std::vector<File> files;
  std::vector<File> objects{};                // pool/… files that the target holds beyond the packages themselves
  std::vector<std::string> own_pool_files{};  // those of them that belong to generations, not to a package
};

// Makes the bytes customers get of one package.
struct SealRequest {
  const StagedPackage& staged;
  const PackageFacts& facts;
  const std::filesystem::path& candidate;  // root shaped like public/, for formats that publish more than one file
  const std::filesystem::path& sealed;     // the package's own file in it; must not exist
  OpenPgpSigner& signer;
  Timestamp published_at;
  std::string_view joins{};  // the record of what is published and to which the staged files are added; empty: none
};

enum class Signatures { renewed, taken_away };

// Makes the package's own file again from what is published, signed as the settings and the key ask for now.
struct ResealRequest {
  const TargetId& home;
  std::string_view record;
  Signatures signatures;
  const std::filesystem::path& candidate;
  const std::filesystem::path& sealed;  // must not exist
  Timestamp published_at;
};

// A file below public/ that a package needs besides its own.
struct HeldFile {
  std::string path;
  FileDigest digest;
};

// How a package of a name stands to the one that is listed.
enum class Succession {
  beside,  // versions are listed side by side
  moves,   // the new one takes the name, the old one is listed no more (a floating tag)
  never,   // the name stays with what it was first published with (a tag)
};

class PackageFormat {
 public:
  virtual ~PackageFormat() = default;
  virtual Format format() const = 0;
  virtual StagedKind classify(std::string_view file_name) const = 0;

  // What the files of one package share: the file's own name, or an image's tag. unit_of(facts) gives the same.
  virtual std::string unit_of(std::string_view file_name) const = 0;
  virtual std::string unit_of(const PackageFacts& facts) const = 0;
  // Where a staged file's bytes go while they are hashed; `copy` does not exist.
  virtual std::unique_ptr<StagedSink> open_sink(const std::filesystem::path& copy, std::string_view file_name) const = 0;
  virtual FileDigest identify(const StagedPackage& staged) const = 0;
  // Reads the whole package (header and payload digests where the format has them): truncated or damaged is invalid. May leave
  // what it read in staged.content. Without a version: no package, but what joins one that is published under the name (an SBOM).
  virtual Result<PackageFacts> read(StagedPackage& staged) const = 0;
  // Architecture, os (dist tag where present) and kind (binary, source, debug) against the target's settings; staged under
  // another kind of target is invalid with the right target named.
  virtual Result<void> check_fits(const PackageFacts& facts, const TargetId& target) const = 0;
  // Every target that lists a package staged for `home`, home first: noarch in every os-arch of its os; DEB only home.
  virtual std::vector<TargetId> targets_listing(const PackageFacts& facts, const TargetId& home) const = 0;
  virtual std::strong_ordering compare_versions(std::string_view left, std::string_view right) const = 0;
  // Below public/, for each target that lists it.
  virtual std::string pool_path(const PackageFacts& facts, const TargetId& target) const = 0;

  virtual Succession succession(const PackageFacts& facts, const TargetId& target) const = 0;

  virtual Result<FileDigest> seal(const SealRequest& request) const = 0;
  // The record for the index, from the sealed file.
  virtual Result<std::string> describe(const std::filesystem::path& sealed, const PackageFacts& facts,
                                       const FileDigest& published, const TargetId& home, Timestamp published_at) const = 0;

  // Unset: its signatures are as they should be. invalid for formats whose packages keep the signature they were published with.
  virtual Result<std::optional<FileDigest>> reseal(const ResealRequest& request) const = 0;

  // What a package holds besides its own file, from its record.
  virtual Result<std::vector<HeldFile>> held_files(const TargetId& home, std::string_view record) const = 0;

  // The text in force after `staged` joins `previous` (empty if none): updateinfo merged by advisory id, comps and modules
  // replaced. Malformed is invalid.
  virtual Result<std::string> merge_supplement(std::string_view file_name, std::string_view previous,
                                               std::string_view staged) const = 0;
  // Demands over a target as a whole: every package updateinfo names is listed; modular packages have modules data.
  virtual Result<void> check_target(const TargetId& target, PackageSource& packages, const Supplements& supplements) const = 0;

  // Writes and signs the indexes of one target. Files get published_at as modification time.
  virtual Result<BuiltGeneration> build(const GenerationRequest& request) const = 0;
};

}  // namespace packyard
