#include "promote/target_content.h"

#include <algorithm>
#include <set>

namespace packyard {
namespace {

// Of a name that is not listed where it is asked for.
Result<Listing> listing_of(Catalog& catalog, const PublishedName& name) {
  TRY_ASSIGN(auto package, catalog.package(name.package));
  return Listing{0,
                 name.id,
                 name.package,
                 name.path,
                 std::move(package.name),
                 std::move(package.version),
                 std::move(package.architecture),
                 std::move(package.file_name),
                 name.published,
                 name.size_bytes,
                 name.state};
}

}  // namespace

Result<std::vector<Listing>> sorted_content(Catalog& catalog, const PackageFormat& format, const TargetId& target,
                                            std::uint64_t generation) {
  TRY_ASSIGN(auto listings, catalog.listings(target, generation));
  std::ranges::sort(listings, [&](const Listing& left, const Listing& right) {
    if (left.name != right.name) return left.name < right.name;
    const auto order = format.compare_versions(left.version, right.version);
    if (order != std::strong_ordering::equal) return order == std::strong_ordering::less;
    return std::tie(left.architecture, left.path) < std::tie(right.architecture, right.path);
  });
  return listings;
}

Result<std::vector<Listing>> unlisted_content(Catalog& catalog, const TargetId& target, std::uint64_t generation) {
  std::vector<Listing> content;
  TRY_ASSIGN(const auto names, catalog.unlisted_names(target, {generation}));
  for (const auto& name : names) {
    if (name.superseded_by) continue;
    TRY_ASSIGN(auto listing, listing_of(catalog, name));
    content.push_back(std::move(listing));
  }
  return content;
}

Result<std::vector<Listing>> content_in_force(Catalog& catalog, const PackageFormat& format, const TargetId& target,
                                              std::uint64_t generation) {
  TRY_ASSIGN(auto content, sorted_content(catalog, format, target, generation));
  std::set<std::int64_t> seen;
  for (auto& listing : content) {
    TRY_ASSIGN(const PublishedName name, catalog.in_force(listing.name_id));
    if (name.id == listing.name_id) continue;
    TRY_ASSIGN(listing, listing_of(catalog, name));
  }
  std::erase_if(content, [&](const Listing& listing) {
    return listing.state != NameState::present || !seen.insert(listing.name_id).second;
  });
  return content;
}

std::map<std::pair<std::string, std::string>, std::string> newest_versions(const std::vector<Listing>& sorted) {
  std::map<std::pair<std::string, std::string>, std::string> newest;
  for (const auto& listing : sorted)
    newest[{listing.name, listing.architecture}] = listing.version;  // the last one is the newest
  return newest;
}

PackageFacts facts_of(const CatalogPackage& package) {
  PackageFacts facts;
  facts.name = package.name;
  facts.version = package.version;
  facts.architecture = package.architecture;
  facts.file_name = package.file_name;
  facts.source_name = package.source_name;
  facts.modularity = package.modularity;
  return facts;
}

Result<void> CatalogContent::for_each(const std::function<Result<void>(const ListedPackage&)>& visit) {
  for (const auto& listing : sorted_) {
    TRY_ASSIGN(auto package, catalog_.package(listing.package));
    TRY(visit({facts_of(package), listing.path, package.published, package.size_bytes, std::move(package.record)}));
  }
  return {};
}

}  // namespace packyard
