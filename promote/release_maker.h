// ReleaseMaker: the second half that promotion, rollback, withdrawal and refresh share: one catalog transaction in which content
// is changed, then indexes, contents.json, release.json, verification, "prepared", and the switch. Until finish() has committed,
// its end throws everything away: no name is burnt and nothing new is reachable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "promote/press_parts.h"
#include "promote/publication_time.h"
#include "promote/store_session.h"

namespace packyard {

struct MadeRelease {
  std::uint64_t number = 0;
  Timestamp published_at;
};

class ReleaseMaker {
 public:
  // Waits until a second has passed since the last release; refuses when the clock is behind it, unless dating says otherwise.
  static Result<ReleaseMaker> begin(const PressParts& parts, StoreSession& session, ReleaseKind kind,
                                    Dating dating = Dating::after_the_last);
  ReleaseMaker(ReleaseMaker&&) = default;
  ReleaseMaker& operator=(ReleaseMaker&&) = delete;
  ~ReleaseMaker();

  std::uint64_t number() const { return number_; }
  Timestamp published_at() const { return published_at_; }
  const std::filesystem::path& candidate() const { return candidate_; }
  // The number that the target's new generation gets; the first call for a target says that it changes.
  Result<std::uint64_t> change(const TargetId& target);
  bool changes_something() const { return !changed_.empty(); }
  // Listings close and open through the catalog, with the number above.
  Catalog& catalog() { return *catalog_; }
  // Below the candidate: shared with the published tree by a hard link, so its time stays.
  void keep_time(const std::string& path) { kept_.insert(path); }
  void archive(const ArchiveStep& step) { archive_.push_back(step); }

  // Findings mean: what was built would not pass for a customer; nothing was published.
  struct Outcome {
    std::optional<MadeRelease> release;
    std::vector<Finding> findings;
  };
  Result<Outcome> finish(const std::string& summary);

 private:
  ReleaseMaker(const PressParts& parts, Catalog& catalog, ReleaseKind kind) : parts_(&parts), catalog_(&catalog), kind_(kind) {}
  Result<void> build(const TargetId& target, std::uint64_t generation, std::vector<Finding>& findings);
  Result<void> write_release();
  Result<std::vector<Finding>> verify() const;
  Result<void> commit(const std::string& summary);

  const PressParts* parts_;
  Catalog* catalog_;
  ReleaseKind kind_;
  std::uint64_t number_ = 0;
  Timestamp published_at_;
  std::filesystem::path candidate_;
  std::optional<sqlite::Transaction> transaction_;
  std::map<TargetId, std::uint64_t> all_;  // every target of the new release
  std::map<TargetId, std::uint64_t> changed_;
  std::set<std::string> kept_;
  std::vector<ArchiveStep> archive_;
  bool prepared_ = false;
};

}  // namespace packyard
