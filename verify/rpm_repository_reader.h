// Reads an RPM repository's metadata as dnf does: repomd.xml (createrepo_c's form), then every index it names with its checksum,
// open checksum and sizes, and the packages in primary, which filelists and other must agree with. Findings go to the collector.
// Streams; memory follows the number of packages, not the size of the indexes. One object per target, one thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/result.h"
#include "verify/indexed_package.h"
#include "verify/published_tree.h"

namespace packyard {

struct RepomdRecord {
  std::string type;  // primary, filelists, other, updateinfo, group, modules, …
  std::string href;  // repodata/<sha256>-primary.xml.gz
  std::string checksum, checksum_type;
  std::string open_checksum, open_checksum_type;  // empty when the record has none
  std::optional<std::uint64_t> size_bytes, open_size_bytes;
};

struct Repomd {
  std::string revision;
  std::vector<RepomdRecord> records;
};
Result<Repomd> read_repomd(std::string_view text);

// primary.xml in pieces; give() is called with each package's location below the target and facts.
class PrimaryReader {
 public:
  using Give = std::function<void(const std::string& location, const IndexedPackage& package)>;
  explicit PrimaryReader(Give give);
  ~PrimaryReader();
  Result<void> feed(std::string_view bytes);
  // Fails also when the count that metadata@packages promises is not there.
  Result<void> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class RpmRepositoryReader {
 public:
  RpmRepositoryReader(const TargetId& target, const PublishedTree& tree, Findings& findings) : target_(target), tree_(tree),
      findings_(findings) {}

  // `repomd_path`: below public/, for findings; `text`: its bytes, the signature already checked.
  void read(const std::string& repomd_path, std::string_view text);
  const IndexedPackages& packages() const { return packages_; }
  // Index files repomd names, as paths below public/.
  const std::set<std::string>& index_files() const { return index_files_; }
  std::uint64_t indexes() const { return index_files_.size(); }

 private:
  void read_record(const RepomdRecord& record, const std::string& repomd_path);
  Result<void> read_index(const RepomdRecord& record, const std::string& path, const TreeFile& file);

  const TargetId& target_;
  const PublishedTree& tree_;
  Findings& findings_;
  IndexedPackages packages_;
  std::set<std::string> index_files_;
  struct ListedIds {
    std::string path;
    std::set<std::string> ids;
  };
  std::vector<ListedIds> listed_ids_;  // of filelists and other, compared once primary is known
};

}  // namespace packyard
