#include "tests/support/fake_format.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "core/durable_file.h"
#include "core/tree_path.h"

namespace packyard {
namespace {

constexpr std::size_t package_bytes_max = 1 << 20;

std::string os_of(const TargetName& target) { return target.text().substr(0, target.text().find('-')); }

// Numbers between dots; anything else counts 0.
std::vector<int> parts_of(std::string_view version) {
  std::vector<int> parts;
  std::istringstream text{std::string(version)};
  for (std::string part; std::getline(text, part, '.');) parts.push_back(std::atoi(part.c_str()));
  return parts;
}

}  // namespace

std::string FakeFormat::package(std::string_view name, std::string_view version, std::string_view architecture,
                                std::string_view more) {
  std::ostringstream text;
  text << "name: " << name << "\nversion: " << version << "\narchitecture: " << architecture << "\n" << more;
  return text.str();
}

StagedKind FakeFormat::classify(std::string_view file_name) const {
  if (file_name.ends_with(".rpm")) return StagedKind::package;
  return file_name == "updateinfo.xml" || file_name == "comps.xml" ? StagedKind::supplement : StagedKind::foreign;
}

Result<PackageFacts> FakeFormat::inspect(const std::filesystem::path& file, std::string_view staged_name) const {
  TRY_ASSIGN(const std::string text, read_small_file(file, package_bytes_max));
  if (text.find("broken") != std::string::npos) return fail(ErrorCode::invalid, "the package is damaged");
  PackageFacts facts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string field = line.substr(0, colon), value = line.substr(colon + 2);
    if (field == "name") facts.name = value;
    if (field == "version") facts.version = value;
    if (field == "architecture") facts.architecture = value;
    if (field == "source") facts.source_name = value;
    if (field == "signer") facts.signer_key_ids.push_back(value);
  }
  facts.file_name = facts.name + "-" + facts.version + "." + facts.architecture + ".rpm";
  if (facts.file_name != staged_name) return fail(ErrorCode::invalid, "says of itself that it is " + facts.file_name);
  return facts;
}

Result<void> FakeFormat::check_fits(const PackageFacts& facts, const TargetId& target) const {
  if (facts.architecture == "noarch" || target.target.text().ends_with("-" + facts.architecture)) return {};
  return fail(ErrorCode::invalid, "is for " + facts.architecture + ", not for " + target.target.text());
}

std::vector<TargetId> FakeFormat::targets_listing(const PackageFacts& facts, const TargetId& home) const {
  std::vector<TargetId> targets = {home};
  if (facts.architecture != "noarch") return targets;
  for (const auto& name : targets_)
    if (name != home.target && os_of(name) == os_of(home.target))
      targets.push_back({home.format, home.component, home.year, name});
  return targets;
}

std::strong_ordering FakeFormat::compare_versions(std::string_view left, std::string_view right) const {
  return parts_of(left) <=> parts_of(right);
}

std::string FakeFormat::pool_path(const PackageFacts& facts, const TargetId& target) const {
  if (!facts.source_name.empty()) return "pool/" + target.text() + "/packages/" + facts.source_name + "/" + facts.file_name;
  return tree_path::rpm_package(target, facts.file_name);
}

Result<FileDigest> FakeFormat::seal(const std::filesystem::path& staged_copy, const FileDigest&,
                                    const std::filesystem::path& sealed, OpenPgpSigner& signer) const {
  TRY_ASSIGN(const std::string text, read_small_file(staged_copy, package_bytes_max));
  TRY_ASSIGN(const std::string signature, signer.sign_detached(text, SignatureForm::binary));
  const std::string bytes = text + "signature: " + signature;
  TRY(write_new_file(sealed, bytes, FileMode::world_readable));
  return FileDigest{sha256(bytes), bytes.size()};
}

Result<std::string> FakeFormat::describe(const std::filesystem::path& sealed, const PackageFacts& facts,
                                         const FileDigest& published, const TargetId&, Timestamp published_at) const {
  TRY_ASSIGN(const std::string text, read_small_file(sealed, package_bytes_max));
  if (text.find("indescribable") != std::string::npos) return fail(ErrorCode::invalid, "no index can hold it");
  return facts.name + " " + facts.version + " " + published.sha256.hex() + " " + published_at.rfc3339();
}

Result<std::string> FakeFormat::merge_supplement(std::string_view file_name, std::string_view previous,
                                                 std::string_view staged) const {
  if (staged.find("broken") != std::string_view::npos) return fail(ErrorCode::invalid, "is malformed");
  return file_name == "updateinfo.xml" ? std::string(previous) + std::string(staged) : std::string(staged);
}

Result<void> FakeFormat::check_target(const TargetId&, PackageSource& packages, const Supplements& supplements) const {
  std::set<std::string> names;
  TRY(packages.for_each([&](const ListedPackage& package) -> Result<void> {
    names.insert(package.facts.name);
    return {};
  }));
  const auto found = supplements.find("updateinfo.xml");
  if (found == supplements.end()) return {};
  std::istringstream lines(found->second);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("needs ") && !names.contains(line.substr(6)))
      return fail(ErrorCode::invalid, "updateinfo.xml names " + line.substr(6) + ", which is not listed");
  return {};
}

Result<BuiltGeneration> FakeFormat::build(const GenerationRequest& request) const {
  std::string index;
  TRY(request.packages.for_each([&](const ListedPackage& package) -> Result<void> {
    index += package.record + " " + package.pool_path + "\n";
    return {};
  }));
  for (const auto& [name, text] : request.supplements) index += name + ":\n" + text;
  BuiltGeneration built;
  const auto write = [&](const std::string& path, const std::string& bytes) -> Result<void> {
    TRY(make_folders((request.candidate / path).parent_path()));
    built.files.push_back({path, {sha256(bytes), bytes.size()}});
    return write_new_file(request.candidate / path, bytes, FileMode::world_readable);
  };
  const std::string index_path = tree_path::rpm_index(request.target, sha256(index), "primary.xml.gz");
  TRY(write(index_path, index));
  const std::string folder = tree_path::generation(request.target, request.generation);
  const std::string repomd = index_path + "\n" + request.published_at.rfc3339() + "\n";
  TRY(write(folder + "/repomd.xml", repomd));
  TRY_ASSIGN(const std::string signature, request.signer.sign_detached(repomd, SignatureForm::armored));
  TRY(write(folder + "/repomd.xml.asc", signature));
  return built;
}

}  // namespace packyard
