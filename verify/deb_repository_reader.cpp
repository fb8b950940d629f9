#include "verify/deb_repository_reader.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "verify/input_decompressor.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  return list;
}

bool is_packages(std::string_view name) { return name.ends_with("/Packages"); }

}  // namespace

const ReleaseFile* DebRepositoryReader::listed(std::string_view name) const {
  const auto found = std::ranges::find(files_, name, &ReleaseFile::name);
  return found == files_.end() ? nullptr : &*found;
}

void DebRepositoryReader::read(const std::string& folder, std::string_view release) {
  folder_ = folder;
  const std::string subject = folder + "Release";
  DebParagraph fields;
  std::uint64_t paragraphs = 0;
  DebParagraphReader reader([&](const DebParagraph& paragraph) -> Result<void> {
    fields = paragraph;
    ++paragraphs;
    return {};
  });
  auto outcome = reader.feed(release);
  if (outcome) outcome = reader.finish();
  if (!findings_.accept(subject, outcome)) return;
  if (paragraphs != 1) return findings_.add(subject, "has " + std::to_string(paragraphs) + " paragraphs, expected one");
  check_fields(subject, fields);
  check_dates(subject, fields);
  auto files = read_release_files(fields.value("SHA256"));
  if (!findings_.accept(subject, files)) return;
  files_ = std::move(*files);
  for (const std::string& component : words(fields.value("Components")))
    for (const std::string& architecture : words(fields.value("Architectures"))) {
      const std::string name = component + "/binary-" + architecture + "/Packages";
      if (listed(name) == nullptr) findings_.add(subject, "does not list " + name + "; apt silently ignores such an index");
      if (listed(name + ".xz") == nullptr && listed(name + ".gz") == nullptr)
        findings_.add(subject, "lists no compressed " + name);
    }
  for (const ReleaseFile& file : files_) check_file(file);
}

void DebRepositoryReader::check_fields(const std::string& subject, const DebParagraph& release) {
  for (const char* field : {"Origin", "Label", "Suite", "Codename", "Date", "Architectures", "Components", "SHA256"})
    if (release.value(field).empty()) findings_.add(subject, std::string("has no ") + field);
  if (release.value("Acquire-By-Hash") != "yes") findings_.add(subject, "does not say Acquire-By-Hash: yes");
  const std::string& suite = target_.target.text();
  if (release.value("Codename") != suite && release.value("Suite") != suite)
    findings_.add(subject, "has neither Suite nor Codename " + suite);
}

void DebRepositoryReader::check_dates(const std::string& subject, const DebParagraph& release) {
  const Timestamp now = clock_.now();
  const auto date = parse_release_date(release.value("Date"));
  if (findings_.accept(subject, date) && *date > now)
    findings_.add(subject, "has a Date in the future, " + date->rfc3339() + " (now " + now.rfc3339() + "); apt refuses it");
  if (!release.has("Valid-Until")) return;
  const auto until = parse_release_date(release.value("Valid-Until"));
  if (!findings_.accept(subject, until)) return;
  if (*until <= now)
    findings_.add(subject, "has a Valid-Until that passed, " + until->rfc3339() + "; apt refuses it: packyard release refresh");
  if (date && *until <= *date) findings_.add(subject, "has a Valid-Until before its Date");
}

void DebRepositoryReader::check_file(const ReleaseFile& file) {
  const std::string path = folder_ + file.name, by_hash = tree_grammar::by_hash_path(target_, file.sha256.hex());
  index_files_.insert(by_hash);
  bool all_well = true;
  for (const std::string& name : {path, by_hash}) {
    const auto found = tree_.find(name);
    if (!findings_.accept(name, found)) {
      all_well = false;
      continue;
    }
    if (found->size_bytes != file.size_bytes) {
      findings_.add(name, "has " + std::to_string(found->size_bytes) + " bytes, Release says " + std::to_string(file.size_bytes));
      all_well = false;
      continue;
    }
    const auto digest = tree_.digest(*found);
    if (findings_.accept(name, digest) && digest->sha256 == file.sha256) continue;
    if (digest) findings_.add(name, "has SHA-256 " + digest->sha256.hex() + ", Release says " + file.sha256.hex());
    all_well = false;
  }
  if (!all_well) return;
  if (packing_of(file.name) != Packing::none) check_packed(file);
  else if (is_packages(file.name)) read_packages(file);
}

void DebRepositoryReader::check_packed(const ReleaseFile& file) {
  const std::string path = folder_ + file.name, plain = file.name.substr(0, file.name.rfind('.'));
  const ReleaseFile* unpacked = listed(plain);
  if (unpacked == nullptr)
    return findings_.add(path, "is listed in Release without its uncompressed form; apt ignores such an index");
  const auto found = tree_.find(path);
  if (!findings_.accept(path, found)) return;
  const auto digest = unpack_file(found->real, packing_of(path), unpacked->size_bytes,
                                  [](std::string_view) -> Result<void> { return {}; });
  if (findings_.accept(path, digest) && digest->sha256 != unpacked->sha256)
    findings_.add(path, "unpacks to SHA-256 " + digest->sha256.hex() + ", but " + plain + " is " + unpacked->sha256.hex());
}

void DebRepositoryReader::read_packages(const ReleaseFile& file) {
  const std::string path = folder_ + file.name;
  const auto found = tree_.find(path);
  if (!findings_.accept(path, found)) return;
  DebParagraphReader reader([&](const DebParagraph& stanza) { return take_package(stanza, path); });
  const auto digest = unpack_file(found->real, Packing::none, file.size_bytes,
                                  [&](std::string_view bytes) { return reader.feed(bytes); });
  if (findings_.accept(path, digest)) findings_.accept(path, reader.finish());
}

Result<void> DebRepositoryReader::take_package(const DebParagraph& stanza, const std::string& path) {
  IndexedPackage package;
  package.name = stanza.value("Package");
  package.version = stanza.value("Version");
  package.architecture = stanza.value("Architecture");
  const std::string_view size = stanza.value("Size");
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), package.size_bytes);
  const auto digest = Sha256::parse_hex(stanza.value("SHA256"));
  if (package.name.empty() || package.version.empty() || package.architecture.empty() || size.empty() || error != std::errc() ||
      end != size.data() + size.size() || !digest) {
    findings_.add(path, "has a package without Package, Version, Architecture, Size or SHA256: " + package.name);
    return {};
  }
  package.sha256 = *digest;
  package.control = control_digest(stanza);
  const std::string_view wanted = std::string_view(path).substr(path.rfind("/binary-") + 8);
  if (package.architecture != "all" && package.architecture != wanted.substr(0, wanted.find('/')))
    findings_.add(path, "lists " + package.name + " of architecture " + package.architecture);
  const std::string location = tree_grammar::package_path(target_, stanza.value("Filename"));
  if (!tree_grammar::is_package(target_, location)) {
    findings_.add(path, "package " + package.name + " has the Filename " + std::string(stanza.value("Filename")));
    return {};
  }
  const auto [known, is_new] = packages_.emplace(location, package);
  if (!is_new && (known->second != package || package.architecture != "all")) findings_.add(path, "lists " + location + " twice");
  return {};
}

}  // namespace packyard
