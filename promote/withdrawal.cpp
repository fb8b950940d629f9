#include "promote/withdrawal.h"

#include <algorithm>

#include "promote/pool_removal.h"
#include "promote/recovery.h"
#include "promote/release_maker.h"
#include "promote/store_session.h"
#include "promote/target_content.h"

namespace packyard {
namespace {

struct Named {
  PublishedName name;
  std::vector<TargetId> targets;
};

// What the archive still has of a package's staged files, by the place it was staged in.
Result<void> purge_archive(const PressParts& parts, const CatalogPackage& package) {
  TRY_ASSIGN(const auto target, TargetId::parse(package.home));
  const PackageFormat& format = *parts.find_format(target.format);
  const std::string unit = format.unit_of(facts_of(package));
  const std::string staged = target.component.text() + "/" + target.year.text() + "/" + std::string(to_string(target.format)) +
                             "/" + target.target.text();
  TRY_ASSIGN(const auto level, parts.archive.list_level(parts.archive_folder));
  for (const auto& folder : level.folders) {
    TRY_ASSIGN(const auto listing,
               parts.archive.list((parts.archive_folder.empty() ? "" : parts.archive_folder + "/") + folder + "/" + staged));
    for (const auto& object : listing.objects) {
      const auto name = object.key.file_name();
      if (format.classify(name) != StagedKind::package || format.unit_of(name) != unit) continue;
      auto removed = parts.archive.remove(object.key);
      if (!removed && removed.error().code != ErrorCode::not_found) return fail(removed.error());
    }
  }
  return {};
}

// A name is published for one target, though others may list it.
Result<std::vector<std::string>> bytes_of(const PressParts& parts, Catalog& catalog, const PublishedName& name) {
  TRY_ASSIGN(const auto package, catalog.package(name.package));
  TRY_ASSIGN(const auto home, TargetId::parse(package.home));
  const PackageFormat* format = parts.find_format(home.format);
  if (format == nullptr) return fail(ErrorCode::internal, "purging " + name.path + ": no such format in this program");
  return files_going_with(*format, catalog, home, {name});
}

}  // namespace

Result<ChangeOutcome> withdraw(const PressParts& parts, const WithdrawalRequest& request) {
  TRY_ASSIGN(auto session, StoreSession::open(parts));
  Catalog& catalog = session.catalog();
  TRY_ASSIGN(const auto all, catalog.names_of_file(request.file_name));
  std::vector<Named> names;
  for (const auto& name : all) {
    TRY_ASSIGN(auto targets, catalog.targets_of_name(name.id));
    if (std::ranges::any_of(targets, [&](const TargetId& target) { return request.scope.covers(target); }))
      names.push_back({name, std::move(targets)});
  }
  if (names.empty())
    return fail(ErrorCode::not_found,
                "withdrawing " + request.file_name + ": no package was published under this file name" +
                    (request.scope.is_everything() ? "" : " in this scope") +
                    "; give the whole name, like acme-1.0-1.el9.x86_64.rpm acme_1.0_amd64.deb, or an image's server:1.4.2");
  ChangeOutcome outcome;
  TRY_ASSIGN(auto maker, ReleaseMaker::begin(parts, session, ReleaseKind::withdrawal));
  const bool purges = request.bytes == WithdrawnBytes::purged;
  for (const auto& [name, targets] : names) {
    if (purges && name.state != NameState::purged) {
      TRY_ASSIGN(const auto files, bytes_of(parts, catalog, name));
      for (const auto& file : files) TRY(catalog.add_removal(file));
    }
    const bool has_bytes = name.state == NameState::present || name.state == NameState::withdrawn;
    TRY(catalog.set_name_state(name.id, purges || !has_bytes ? NameState::purged : NameState::withdrawn));
    for (const auto& target : targets) {
      // An image repository also says what it holds without a tag.
      if (purges && has_bytes && target.format == Format::oci) TRY(maker.change(target));
      TRY_ASSIGN(const std::uint64_t newest, catalog.newest_generation(target));
      TRY_ASSIGN(const auto listings, catalog.listings(target, newest));
      for (const auto& listing : listings) {
        if (listing.name_id != name.id) continue;
        TRY_ASSIGN(const std::uint64_t generation, maker.change(target));
        TRY(catalog.unlist(listing.id, generation));
        outcome.changes.push_back({ChangeKind::removed, target.text(), listing.name, listing.architecture, listing.version, ""});
      }
    }
  }
  TRY_ASSIGN(auto made, maker.finish(std::string(purges ? "purged " : "withdrew ") + request.file_name));
  outcome.findings = std::move(made.findings);
  if (!made.release) return outcome;
  outcome.release = made.release->number;
  if (purges)
    for (const auto& [name, targets] : names) {
      TRY_ASSIGN(const auto package, catalog.package(name.package));
      TRY(purge_archive(parts, package));
    }
  return outcome;
}

}  // namespace packyard
