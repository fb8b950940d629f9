#include "verify/target_verifier.h"

#include <fstream>
#include <set>

#include "verify/deb_repository_reader.h"
#include "verify/rpm_repository_reader.h"
#include "verify/tree_grammar.h"

namespace packyard {
namespace {

constexpr std::size_t pointer_bytes_max = 16 * 1024 * 1024;  // repomd.xml, Release and their signatures

// "amd64,arm64"
std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

void TargetVerifier::check_link(std::uint64_t release) {
  const std::string link = tree_grammar::release_folder(release) + "/" + target_.text();
  const auto text = parts_.tree.link(link);
  const std::string expected = tree_grammar::target_link(target_, generation_.generation);
  if (parts_.findings.accept(link, text) && *text != expected)
    parts_.findings.add(link, "links to " + *text + ", expected " + expected);
  const std::string contents = tree_grammar::generation_folder(target_, generation_.generation) + "contents.json";
  const auto file = parts_.tree.find(contents);
  if (!parts_.findings.accept(contents, file)) return;
  const auto digest = parts_.tree.digest(*file);
  if (parts_.findings.accept(contents, digest) && digest->sha256 != generation_.contents_sha256)
    parts_.findings.add(
        contents, "has SHA-256 " + digest->sha256.hex() + ", the signed release.json says " + generation_.contents_sha256.hex());
}

void TargetVerifier::check_indexes() {
  const std::string path = tree_grammar::generation_folder(target_, generation_.generation) + "contents.json";
  const auto file = parts_.tree.find(path);
  if (!file) return;  // check_link said so
  std::ifstream stream(file->real, std::ios::binary);
  const auto contents = read_contents_document(stream);
  if (!parts_.findings.accept(path, contents)) return;
  if (contents->target != target_.text())
    parts_.findings.add(path, "is of target " + contents->target + ", expected " + target_.text());
  if (contents->generation != generation_.generation)
    parts_.findings.add(path, "is of generation " + std::to_string(contents->generation) + ", expected " +
                                  std::to_string(generation_.generation));
  if (contents->published_at > parts_.clock.now())
    parts_.findings.add(path, "was published in the future, " + contents->published_at.rfc3339());
  check_files(*contents);
  check_folder(*contents);
  if (target_.format == Format::rpm) check_rpm(*contents);
  if (target_.format == Format::deb) check_deb(*contents);
  if (target_.format == Format::oci)
    check_oci(*contents);
  else if (contents->has_objects)
    parts_.findings.add(path, "has objects, which only image repositories have");
}

// Every file contents.json names: its place, its size, its bytes.
void TargetVerifier::check_files(const ContentsDocument& contents) {
  const std::string folder = tree_grammar::generation_folder(target_, generation_.generation);
  for (const auto& [path, promised] : contents.files) {
    const auto index_digest = tree_grammar::index_digest(target_, path);
    if (!index_digest && !path.starts_with(folder))
      parts_.findings.add(path, "is named in contents.json, but is no index file of " + target_.text());
    if (index_digest && *index_digest != promised.sha256.hex())
      parts_.findings.add(path, "has another digest in its name than in contents.json");
    const auto file = parts_.tree.find(path);
    if (!parts_.findings.accept(path, file)) continue;
    if (file->size_bytes != promised.size_bytes) {
      parts_.findings.add(
          path, "has " + std::to_string(file->size_bytes) + " bytes, contents.json says " + std::to_string(promised.size_bytes));
      continue;
    }
    const auto digest = parts_.tree.digest(*file);
    if (parts_.findings.accept(path, digest) && digest->sha256 != promised.sha256)
      parts_.findings.add(path, "has SHA-256 " + digest->sha256.hex() + ", contents.json says " + promised.sha256.hex());
  }
}

// Nothing in the generation's folder that contents.json does not name.
void TargetVerifier::check_folder(const ContentsDocument& contents) {
  std::string folder = tree_grammar::generation_folder(target_, generation_.generation);
  folder.pop_back();
  const auto outcome = parts_.tree.walk(folder, [&](const std::string& path) {
    if (path != folder + "/contents.json" && !contents.files.contains(path))
      parts_.findings.add(path, "is not named in contents.json");
  });
  parts_.findings.accept(folder, outcome);
}

// A file and its detached signature; the text when all is well.
std::optional<std::string> TargetVerifier::check_signed(const std::string& name, const std::string& signature) {
  const auto file = parts_.tree.find(name), signature_file = parts_.tree.find(signature);
  const bool found = parts_.findings.accept(name, file), signature_found = parts_.findings.accept(signature, signature_file);
  if (!found) return std::nullopt;
  if (signature_found) parts_.findings.accept(name, parts_.signatures.check_detached(signature_file->real, file->real));
  auto text = parts_.tree.read(name, pointer_bytes_max);
  if (!parts_.findings.accept(name, text)) return std::nullopt;
  return std::move(*text);
}

void TargetVerifier::check_rpm(const ContentsDocument& contents) {
  const std::string folder = tree_grammar::generation_folder(target_, generation_.generation);
  const auto key = parts_.tree.read(folder + "repomd.xml.key", pointer_bytes_max);
  if (parts_.findings.accept(folder + "repomd.xml.key", key))
    parts_.findings.accept(folder + "repomd.xml.key", parts_.keys.check_all_known(*key));
  const auto text = check_signed(folder + "repomd.xml", folder + "repomd.xml.asc");
  if (!text) return;
  RpmRepositoryReader reader(target_, parts_.tree, parts_.findings);
  reader.read(folder + "repomd.xml", *text);
  indexes_ = reader.indexes();
  compare_index_files(contents, reader.index_files(), "repomd.xml");
  compare_packages(contents, reader.packages());
}

void TargetVerifier::check_deb(const ContentsDocument& contents) {
  const std::string folder = tree_grammar::generation_folder(target_, generation_.generation);
  const auto release = check_signed(folder + "Release", folder + "Release.gpg");
  const auto in_release = parts_.tree.find(folder + "InRelease");
  if (!parts_.findings.accept(folder + "InRelease", in_release) || !release) return;
  const auto text = parts_.signatures.read_clear(in_release->real);
  // The cleartext form does not sign the last line end.
  const auto without_end = [](std::string_view whole) { return whole.substr(0, whole.find_last_not_of('\n') + 1); };
  if (parts_.findings.accept(folder + "InRelease", text) && without_end(*text) != without_end(*release))
    parts_.findings.add(folder + "InRelease", "says something else than Release");
  DebRepositoryReader reader(target_, parts_.tree, parts_.clock, parts_.findings);
  reader.read(folder, *release);
  indexes_ = reader.indexes();
  compare_index_files(contents, reader.index_files(), "Release");
  compare_packages(contents, reader.packages());
}

void TargetVerifier::compare_index_files(const ContentsDocument& contents, const std::set<std::string>& named,
                                         const std::string& by) {
  for (const std::string& path : named)
    if (!contents.files.contains(path)) parts_.findings.add(path, "is named by " + by + ", but not in contents.json");
  for (const auto& [path, digest] : contents.files)
    if (path.starts_with("index/") && !named.contains(path))
      parts_.findings.add(path, "is named in contents.json, but not by " + by);
}

void TargetVerifier::check_oci(const ContentsDocument& contents) {
  const std::string folder = tree_grammar::generation_folder(target_, generation_.generation);
  for (const auto& [path, promised] : contents.files)
    if (path != folder + "repository.json") parts_.findings.add(path, "is named in contents.json, but is not repository.json");
  if (!contents.files.contains(folder + "repository.json"))
    parts_.findings.add(folder + "contents.json", "does not name repository.json");
  OciRepositoryReader reader(target_, parts_.tree, parts_.clock, parts_.findings);
  if (!reader.read(folder, generation_.generation)) return;
  ImageSignatureChecker signatures(parts_.images, reader, parts_.findings);
  signatures.check();
  compare_images(contents, reader);
  compare_objects(contents, reader);
  indexes_ = reader.manifests().size();
  images_ = contents.packages.size();
  image_signatures_ = signatures.checked();
  blobs_ = reader.take_blobs();
  for (const auto& [path, package] : contents.packages) blobs_.push_back({path, {package.sha256, package.size_bytes}, {}});
  for (const auto& [path, promised] : contents.objects)
    if (tree_grammar::record_tag(target_, path)) blobs_.push_back({path, promised, {}});
}

// contents.json lists a tag as a package: what retention, withdrawal and rollback go by.
void TargetVerifier::compare_images(const ContentsDocument& contents, const OciRepositoryReader& reader) {
  const std::string contents_path = tree_grammar::generation_folder(target_, generation_.generation) + "contents.json";
  std::map<std::string, ListedImage> images = reader.images();
  for (const auto& [path, package] : contents.packages) {
    const auto tag = tree_grammar::record_tag(target_, path);
    if (!tag) {
      parts_.findings.add(path, "is listed in contents.json, but is no image record of " + target_.text());
      continue;
    }
    const auto image = images.find(std::string(*tag));
    if (image == images.end()) {
      parts_.findings.add(path,
                          "is listed in contents.json, but repository.json has no such tag, or another entry is for it too");
      continue;
    }
    if (package.name != target_.target.text() + ":" + image->first)
      parts_.findings.add(path, "is named " + package.name + " in contents.json");
    if (package.version != digest_with_algorithm(image->second.top))
      parts_.findings.add(
          path, "is " + package.version + " in contents.json, the tag points to " + digest_with_algorithm(image->second.top));
    if (package.architecture != joined(image->second.architectures))
      parts_.findings.add(path, "is for " + package.architecture + " in contents.json, its manifests are for " +
                                    joined(image->second.architectures));
    images.erase(image);
  }
  for (const auto& [tag, image] : images)
    parts_.findings.add(contents_path, "does not list the tag " + tag + ", which repository.json has");
}

void TargetVerifier::compare_objects(const ContentsDocument& contents, const OciRepositoryReader& reader) {
  const std::string contents_path = tree_grammar::generation_folder(target_, generation_.generation) + "contents.json";
  if (!contents.has_objects) parts_.findings.add(contents_path, "has no objects");
  std::map<std::string, FileDigest> held = reader.objects();
  bool has_unlisted = false;
  for (const auto& [path, promised] : contents.objects) {
    if (tree_grammar::record_tag(target_, path)) {
      has_unlisted = true;
      if (contents.packages.contains(path)) parts_.findings.add(path, "is both a package and an object in contents.json");
      continue;
    }
    const auto found = held.find(path);
    if (found == held.end()) {
      parts_.findings.add(path, "is an object in contents.json, but repository.json does not hold it");
      continue;
    }
    if (found->second.sha256 != promised.sha256 || found->second.size_bytes != promised.size_bytes)
      parts_.findings.add(path, "has another digest or size in contents.json than in repository.json");
    held.erase(found);
  }
  for (const auto& [path, promised] : held)
    parts_.findings.add(path, "is held by repository.json, but is no object in contents.json");
  // An image without a tag is there because its tag moved or was withdrawn; then the record of that is there, too.
  if (has_unlisted) return;
  for (const Sha256& digest : reader.untagged())
    parts_.findings.add(tree_grammar::manifest_path(target_, digest),
                        "is held, but no tag leads to it and no record explains it");
}

// The indexes are what customers follow; contents.json is what retention and the signature on the release follow.
void TargetVerifier::compare_packages(const ContentsDocument& contents, const IndexedPackages& listed) {
  for (const auto& [path, package] : listed) {
    packages_.push_back({target_.format, path, package});
    const auto found = contents.packages.find(path);
    if (found == contents.packages.end()) {
      parts_.findings.add(path, "is listed in the index, but not in contents.json");
      continue;
    }
    IndexedPackage promised = found->second;
    promised.control = package.control;
    if (promised != package)
      parts_.findings.add(path,
                          "has other facts (digest, size, name, version or architecture) in the index than in contents.json");
  }
  for (const auto& [path, package] : contents.packages)
    if (!listed.contains(path)) parts_.findings.add(path, "is listed in contents.json, but not in the index");
}

}  // namespace packyard
