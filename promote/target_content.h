// What a generation of a target lists, out of the catalog: sorted as indexes want it, and streamed with the records for a format.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "promote/package_format.h"
#include "storage/catalog.h"

namespace packyard {

// By name, then version (the format's order), then architecture.
Result<std::vector<Listing>> sorted_content(Catalog& catalog, const PackageFormat& format, const TargetId& target,
                                            std::uint64_t generation);

// Packages that the generation does not list but whose bytes are there, in the order they were published; without those that
// were signed anew: what stands in their place is there.
Result<std::vector<Listing>> unlisted_content(Catalog& catalog, const TargetId& target, std::uint64_t generation);

// What would be listed if the generation's content came back now: nothing that was withdrawn or removed, and each image with the
// signatures of today. Sorted as above; a listing's own id only where it stayed what it was.
Result<std::vector<Listing>> content_in_force(Catalog& catalog, const PackageFormat& format, const TargetId& target,
                                              std::uint64_t generation);

// The newest version of each name and architecture, keyed by both.
std::map<std::pair<std::string, std::string>, std::string> newest_versions(const std::vector<Listing>& sorted);

PackageFacts facts_of(const CatalogPackage& package);

// Reads record by record: memory holds the listings only. Not shared between threads.
class CatalogContent final : public PackageSource {
 public:
  CatalogContent(Catalog& catalog, const std::vector<Listing>& sorted) : catalog_(catalog), sorted_(sorted) {}
  Result<void> for_each(const std::function<Result<void>(const ListedPackage&)>& visit) override;
  std::uint64_t count() const override { return sorted_.size(); }

 private:
  Catalog& catalog_;
  const std::vector<Listing>& sorted_;
};

}  // namespace packyard
