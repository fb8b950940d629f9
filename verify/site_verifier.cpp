#include "verify/site_verifier.h"

#include <algorithm>

#include "verify/blob_checker.h"
#include "verify/findings.h"
#include "verify/package_checker.h"
#include "verify/public_keys.h"
#include "verify/published_tree.h"
#include "verify/reachability.h"
#include "verify/release_reader.h"
#include "verify/signature_reader.h"
#include "verify/target_verifier.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

// What a customer may see at the top of the tree.
void check_top(const VerifyParts& parts) {
  const auto names = parts.tree.list("");
  if (!parts.findings.accept("", names)) return;
  for (const std::string& name : *names)
    if (name != "pool" && name != "index" && name != "generations" && name != "releases" && name != "current")
      parts.findings.add(name, "does not belong into a published tree");
}

// The number `current` points to; unset after a finding.
std::optional<std::uint64_t> current_release(const VerifyParts& parts) {
  const auto link = parts.tree.link("current");
  if (!parts.findings.accept("current", link)) return std::nullopt;
  const auto number = tree_grammar::parse_release(*link);
  if (!number) parts.findings.add("current", "points to " + *link + ", expected releases/NNNNNN");
  return number;
}

// Nothing in a release's folder but its documents and the links of its targets.
void check_release_folder(const VerifyParts& parts, const ReleaseDocument& release) {
  const std::string folder = tree_grammar::release_folder(release.release);
  std::set<std::string> expected = {folder + "/release.json", folder + "/release.json.asc"};
  for (const auto& [target, generation] : release.targets) expected.insert(folder + "/" + target.text());
  const auto outcome = parts.tree.walk(folder, [&](const std::string& path) {
    if (!expected.contains(path)) parts.findings.add(path, "is not part of the signed release.json");
  });
  parts.findings.accept(folder, outcome);
}

void verify_release(const VerifyParts& parts, const VerifyRequest& request, const ReleaseDocument& release,
                    VerifyReport& report) {
  if (release.published_at > parts.clock.now())
    parts.findings.add(tree_grammar::release_folder(release.release) + "/release.json",
                       "was published in the future, " + release.published_at.rfc3339());
  check_release_folder(parts, release);
  std::vector<PackageTask> packages;
  std::vector<BlobTask> blobs;
  for (const auto& [target, generation] : release.targets) {
    TargetVerifier verifier(parts, target, generation);
    verifier.check_link(release.release);
    if (request.depth == VerifyDepth::changed && !request.targets.empty() && !request.targets.contains(target)) continue;
    verifier.check_indexes();
    ++report.targets;
    report.indexes += verifier.indexes();
    report.packages += verifier.images();
    report.signatures += verifier.image_signatures();
    for (PackageTask& task : verifier.take_packages()) packages.push_back(std::move(task));
    for (BlobTask& task : verifier.take_blobs()) blobs.push_back(std::move(task));
  }
  for (const TargetId& target : request.targets)
    if (!release.targets.contains(target))
      parts.findings.add(target.text(), "is not part of release " + std::to_string(release.release));
  const PackageDepth depth = request.depth == VerifyDepth::full ? PackageDepth::whole : PackageDepth::when_changed;
  PackageChecker checker(parts.tree, parts.keys, parts.findings);
  checker.check(packages, depth, request.progress);
  BlobChecker blob_checker(parts.tree, parts.findings);
  blob_checker.check(blobs, depth, request.progress);
  report.packages += packages.size();
  report.bytes = checker.bytes() + blob_checker.bytes();
  report.signatures += checker.signatures();
}

void verify_reachability(const VerifyParts& parts, const VerifyRequest& request) {
  check_top(parts);
  Reachability reachability(parts);
  reachability.add_releases(parts.tree);
  for (const fs::path& prepared : request.prepared) {
    const PublishedTree tree(request.published, prepared);
    reachability.add_releases(tree);
  }
  reachability.check();
}

// Unset after a finding: a release with images that nobody can verify is not in order.
std::optional<ImageKey> load_image_key(const VerifyRequest& request, Findings& findings) {
  if (request.image_key.empty()) {
    findings.add("cosign.pub", "is not given, but there are images to verify");
    return std::nullopt;
  }
  auto key = ImageKey::load(request.image_key);
  if (!findings.accept("cosign.pub", key)) return std::nullopt;
  return std::move(*key);
}

bool has_images(const ReleaseDocument& release) {
  return std::ranges::any_of(release.targets, [](const auto& entry) { return entry.first.format == Format::oci; });
}

}  // namespace

Result<VerifyReport> SiteVerifier::verify(const VerifyRequest& request) {
  std::error_code error;
  if (!fs::is_directory(request.published, error) && !request.candidate)
    return fail(ErrorCode::not_found,
                "verifying " + request.published.string() + ": there is no such folder; has anything been published yet?");
  TRY_ASSIGN(const PublicKeys keys, PublicKeys::load(request.public_keys));
  const PublishedTree tree(request.published, request.candidate);
  SignatureReader signatures(runner_, keys);
  Findings findings;
  ImageTrust images{std::nullopt, request.site, request.image_signatures};
  const VerifyParts parts{tree, keys, signatures, clock_, findings, images};
  VerifyReport report;
  std::optional<std::uint64_t> number = request.release;
  const bool has_current = fs::symlink_status(request.published / "current", error).type() == fs::file_type::symlink;
  if (!number && !has_current) {
    const auto releases = tree.list("releases");
    if (releases && releases->empty())
      return fail(ErrorCode::not_found, "verifying " + request.published.string() + ": nothing has been published yet");
  }
  if (!number || (request.depth == VerifyDepth::full && has_current)) {
    const auto current = current_release(parts);
    if (!number) number = current;
  }
  if (number) {
    const auto release = read_signed_release(parts, tree, *number);
    if (release && has_images(*release)) images.key = load_image_key(request, findings);
    if (release) verify_release(parts, request, *release, report);
  }
  if (request.depth == VerifyDepth::full) verify_reachability(parts, request);
  report.signatures += signatures.checked();
  report.findings = findings.take();
  return report;
}

}  // namespace packyard
