#include "promote/deb_index.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "promote/deb_contents.h"
#include "promote/deb_record.h"
#include "promote/index_file.h"

namespace packyard {
namespace {

constexpr std::string_view component = "main";

// A file named in Release: its name below the suite and its digest.
struct Listed {
  std::string name;
  FileDigest digest;
};

struct Compressing {
  std::string plain, packed;
  Compression compression;
};

class DebIndexBuilder {
 public:
  DebIndexBuilder(const GenerationRequest& request, const DebTargetSettings& settings)
      : request_(request), settings_(settings), folder_(tree_path::generation(request.target, request.generation)) {}

  Result<BuiltGeneration> build() {
    TRY(write_plain());
    TRY(compress());
    TRY(link_by_hash());
    TRY(write_release());
    return std::move(built_);
  }

 private:
  struct Architecture {
    std::string name, packages_name, contents_name;
    IndexFile packages;
    std::unique_ptr<DebContents> contents;
  };

  std::filesystem::path path_of(std::string_view name) const { return request_.candidate / folder_ / name; }

  Result<std::vector<Architecture>> open_architectures() const {
    std::vector<Architecture> architectures;
    for (const std::string& name : settings_.architectures) {
      const std::string packages_name = std::string(component) + "/binary-" + name + "/Packages";
      TRY_ASSIGN(IndexFile packages, IndexFile::create(path_of(packages_name)));
      auto contents = settings_.contents ? std::make_unique<DebContents>(path_of("")) : nullptr;
      architectures.push_back(
          {name, packages_name, std::string(component) + "/Contents-" + name, std::move(packages), std::move(contents)});
    }
    return architectures;
  }

  // The one pass over all packages.
  Result<void> write_plain() {
    TRY_ASSIGN(std::vector<Architecture> architectures, open_architectures());
    const auto visit = [&](const ListedPackage& package) -> Result<void> {
      TRY_ASSIGN(const DebRecord record, DebRecord::parse(package.record));
      const std::string stanza = stanza_of(package, record);
      const bool everywhere = package.facts.architecture == "all";
      for (Architecture& architecture : architectures) {
        if (!everywhere && architecture.name != package.facts.architecture) continue;
        TRY(architecture.packages.write(stanza));
        if (architecture.contents != nullptr) TRY(add_contents(*architecture.contents, package, record));
      }
      return {};
    };
    TRY(request_.packages.for_each(visit));
    for (Architecture& architecture : architectures) {
      TRY_ASSIGN(const FileDigest digest, architecture.packages.finish(request_.published_at));
      add(architecture.packages_name, digest);
      compressing_.push_back({architecture.packages_name, architecture.packages_name + ".xz", Compression::xz});
      compressing_.push_back({architecture.packages_name, architecture.packages_name + ".gz", Compression::gzip});
      if (architecture.contents == nullptr) continue;
      TRY_ASSIGN(IndexFile file, IndexFile::create(path_of(architecture.contents_name)));
      TRY(architecture.contents->write([&](std::string_view line) { return file.write(line); }));
      TRY_ASSIGN(const FileDigest contents_digest, file.finish(request_.published_at));
      add(architecture.contents_name, contents_digest);
      compressing_.push_back({architecture.contents_name, architecture.contents_name + ".gz", Compression::gzip});
    }
    return {};
  }

  std::string stanza_of(const ListedPackage& package, const DebRecord& record) const {
    std::string stanza;
    stanza.reserve(record.stanza.size() + 400);
    stanza.append(record.stanza);
    stanza.append("Filename: ")
        .append(tree_path::deb_filename(request_.target, package.facts.source_name, package.facts.file_name));
    stanza.append("\nSize: ").append(std::to_string(package.size_bytes));
    stanza.append("\nSHA256: ").append(package.published_sha256.hex());
    stanza.append("\n\n");
    return stanza;
  }

  static Result<void> add_contents(DebContents& contents, const ListedPackage& package, const DebRecord& record) {
    // Readers split the line at blanks and its end at commas: a section that holds either is left out, as an absent one is.
    const bool is_one_word = !record.section.empty() && record.section.find_first_of(" \t\n,") == std::string_view::npos;
    const std::string location = (is_one_word ? std::string(record.section) + "/" : std::string()) + package.facts.name;
    std::string_view files = record.files;
    while (!files.empty()) {
      const std::size_t end = std::min(files.find('\n'), files.size());
      TRY(contents.add(files.substr(0, end), location));
      files.remove_prefix(std::min(end + 1, files.size()));
    }
    return {};
  }

  // As many at once as there are processors.
  Result<void> compress() {
    std::vector<Result<FileDigest>> outcomes(compressing_.size(), FileDigest{});
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < compressing_.size(); i = next++)
        outcomes[i] = compress_index_file(path_of(compressing_[i].plain), path_of(compressing_[i].packed),
                                          compressing_[i].compression, request_.published_at);
    };
    {
      const std::size_t workers = std::min<std::size_t>(compressing_.size(), std::max(1U, std::thread::hardware_concurrency()));
      std::vector<std::jthread> threads;
      for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(work);
      work();
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i]) return fail(outcomes[i].error());
      add(compressing_[i].packed, *outcomes[i]);
    }
    return {};
  }

  Result<void> link_by_hash() {
    for (const Listed& listed : listed_) {
      const std::string path = tree_path::deb_by_hash(request_.target, listed.digest.sha256);
      const auto linked = std::ranges::find(built_.files, path, &BuiltGeneration::File::path);
      if (linked != built_.files.end()) continue;  // two architectures with the same (empty) index
      TRY(make_folders((request_.candidate / path).parent_path()));
      if (link(path_of(listed.name).c_str(), (request_.candidate / path).c_str()) != 0)
        return fail(system_error("linking " + listed.name + " as " + path));
      built_.files.push_back({path, listed.digest});
    }
    return {};
  }

  std::string release_text() const {
    std::string text;
    const auto field = [&text](std::string_view name, std::string_view value) {
      text.append(name).append(": ").append(value).append("\n");
    };
    field("Origin", settings_.origin);
    field("Label", settings_.label);
    field("Suite", settings_.suite);
    field("Codename", settings_.codename);
    field("Date", request_.published_at.rfc5322_utc());
    if (settings_.valid_until) {
      const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(*settings_.valid_until).count();
      field("Valid-Until", Timestamp{request_.published_at.seconds + seconds}.rfc5322_utc());
    }
    field("Acquire-By-Hash", "yes");
    // Packages for "all" stand in every architecture's index. "all" itself is not named here: apt would then ask for binary-all.
    std::string architectures;
    for (const std::string& name : settings_.architectures) architectures += (architectures.empty() ? "" : " ") + name;
    field("Architectures", architectures);
    field("Components", component);
    field("Description", request_.target.component.text() + " " + request_.target.year.text() + " for " + settings_.codename);
    text += "SHA256:\n";
    for (const Listed& listed : listed_)
      text.append(" ")
          .append(listed.digest.sha256.hex())
          .append(" ")
          .append(std::to_string(listed.digest.size_bytes))
          .append(" ")
          .append(listed.name)
          .append("\n");
    return text;
  }

  Result<void> write_release() {
    std::ranges::sort(listed_, {}, &Listed::name);
    const std::string text = release_text();
    TRY_ASSIGN(const std::string clear, request_.signer.sign_clear(text));
    TRY_ASSIGN(const std::string detached, request_.signer.sign_detached(text, SignatureForm::armored));
    const std::pair<std::string_view, std::string_view> files[] = {
        {"Release", text}, {"Release.gpg", detached}, {"InRelease", clear}};
    for (const auto& [name, bytes] : files) {
      TRY_ASSIGN(const FileDigest digest, write_index_file(path_of(name), bytes, request_.published_at));
      built_.files.push_back({folder_ + "/" + std::string(name), digest});
    }
    return {};
  }

  void add(const std::string& name, const FileDigest& digest) {
    listed_.push_back({name, digest});
    built_.files.push_back({folder_ + "/" + name, digest});
  }

  const GenerationRequest& request_;
  const DebTargetSettings& settings_;
  std::string folder_;
  std::vector<Compressing> compressing_;
  std::vector<Listed> listed_;
  BuiltGeneration built_;
};

}  // namespace

Result<BuiltGeneration> build_deb_index(const GenerationRequest& request, const DebTargetSettings& settings) {
  auto built = DebIndexBuilder(request, settings).build();
  if (!built) return fail(built.error().in("building the index of " + request.target.text()));
  return built;
}

}  // namespace packyard
