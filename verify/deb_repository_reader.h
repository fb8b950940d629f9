// Reads a Debian suite as apt does: the verified text of InRelease, then every index file Release names at its own path and its
// by-hash path, and the packages of each Packages file. Findings go to the collector. One object per target, one thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/names.h"
#include "verify/deb_paragraph.h"
#include "verify/indexed_package.h"
#include "verify/published_tree.h"

namespace packyard {

class DebRepositoryReader {
 public:
  DebRepositoryReader(const TargetId& target, const PublishedTree& tree, const Clock& clock, Findings& findings)
      : target_(target), tree_(tree), clock_(clock), findings_(findings) {}

  // `folder`: the generation's, ending in '/'; `release`: the text of its Release file, signatures already checked.
  void read(const std::string& folder, std::string_view release);
  const IndexedPackages& packages() const { return packages_; }
  // by-hash files of everything Release names, below public/.
  const std::set<std::string>& index_files() const { return index_files_; }
  std::uint64_t indexes() const { return files_.size(); }

 private:
  void check_fields(const std::string& subject, const DebParagraph& release);
  void check_dates(const std::string& subject, const DebParagraph& release);
  void check_file(const ReleaseFile& file);
  void check_packed(const ReleaseFile& file);
  void read_packages(const ReleaseFile& file);
  Result<void> take_package(const DebParagraph& stanza, const std::string& path);
  const ReleaseFile* listed(std::string_view name) const;

  const TargetId& target_;
  const PublishedTree& tree_;
  const Clock& clock_;
  Findings& findings_;
  std::string folder_;
  std::vector<ReleaseFile> files_;
  IndexedPackages packages_;
  std::set<std::string> index_files_;
};

}  // namespace packyard
