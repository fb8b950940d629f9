#include "promote/package_intake.h"

#include <functional>
#include <map>
#include <optional>

#include "core/durable_file.h"
#include "promote/parallel.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t block_size_bytes = 256 * 1024;
constexpr std::size_t supplement_bytes_max = 256 << 20;

// What a package's files turned out to be; several findings, or exactly one of the others.
struct Taken {
  std::optional<TakenPackage> package;
  std::optional<TakenSupplement> supplement;
  std::vector<Finding> findings;
};

// Files of one package, in the order of their keys.
struct Unit {
  std::vector<const StagedFile*> files;
};

class Taking {
 public:
  Taking(const PressParts& parts, const fs::path& scratch) : parts_(parts), scratch_(scratch) {}

  Result<Taken> run(const Unit& unit) {
    const StagedFile& first = *unit.files.front();
    format_ = parts_.find_format(first.target.format);
    const std::string name(to_string(first.target.format));
    if (format_ == nullptr) return refused(first, "this packyard does not publish the format " + name);
    const StagedKind kind = format_->classify(first.name);
    if (kind == StagedKind::foreign)
      return refused(first, "is nothing that the format " + name + " publishes: remove it from staging");
    if (kind == StagedKind::supplement) return take_supplement(first);
    StagedPackage package{first.target, format_->unit_of(first.name), {}, {}, {}};
    for (const StagedFile* file : unit.files) TRY(take_part(*file, package));
    if (!taken_.findings.empty()) return std::move(taken_);
    package.identity = format_->identify(package);
    auto facts = format_->read(package);
    if (!facts) return refused_or_failed(first, facts.error());
    if (auto fits = format_->check_fits(*facts, first.target); !fits) return refused_or_failed(first, fits.error());
    taken_.package = TakenPackage{first.key, std::move(package), std::move(*facts)};
    return std::move(taken_);
  }

 private:
  Taken refused(const StagedFile& file, std::string problem) {
    taken_.findings.push_back({file.key.text(), std::move(problem)});
    return std::move(taken_);
  }

  // Words that belong to the vendor are findings, our own failures errors.
  Result<Taken> refused_or_failed(const StagedFile& file, const Error& error) {
    TRY(find_or_fail(file, error));
    return std::move(taken_);
  }

  Result<void> find_or_fail(const StagedFile& file, const Error& error) {
    if (error.code != ErrorCode::invalid && error.code != ErrorCode::conflict)
      return fail(error.in("taking in " + file.key.text()));
    taken_.findings.push_back({file.key.text(), error.message});
    return {};
  }

  // One pass. What a format has to say of the bytes waits: wrong bytes are first of all a wrong checksum.
  Result<void> take_part(const StagedFile& file, StagedPackage& package) {
    StagedPart part{file.name, scratch_ / std::to_string(package.parts.size()), {}, nullptr};
    const auto sink = format_->open_sink(part.copy, file.name);
    std::optional<Error> unreadable;
    const auto digest = pass(file, [&](std::string_view bytes) -> Result<void> {
      if (unreadable) return {};
      auto written = sink->write(bytes);
      if (written || written.error().code != ErrorCode::invalid) return written;
      unreadable = written.error();
      return {};
    });
    if (!digest) return find_or_fail(file, digest.error());
    part.digest = *digest;
    if (!check_digest(file, part.digest)) return {};
    if (unreadable) return find_or_fail(file, *unreadable);
    auto content = sink->finish();
    if (!content) return find_or_fail(file, content.error());
    part.content = std::move(*content);
    package.parts.push_back(std::move(part));
    return {};
  }

  Result<Taken> take_supplement(const StagedFile& file) {
    std::string text;
    const auto digest = pass(file, [&](std::string_view bytes) -> Result<void> {
      if (text.size() + bytes.size() > supplement_bytes_max)
        return fail(ErrorCode::invalid, "is larger than " + std::to_string(supplement_bytes_max >> 20) + " MiB");
      text += bytes;
      return {};
    });
    if (!digest) return refused_or_failed(file, digest.error());
    if (check_digest(file, *digest)) taken_.supplement = TakenSupplement{file, std::move(text)};
    return std::move(taken_);
  }

  bool check_digest(const StagedFile& file, const FileDigest& digest) {
    if (digest.sha256 == file.expected) return true;
    taken_.findings.push_back({file.key.text(), "its SHA-256 is " + digest.sha256.hex() + ", its checksum file says " +
                                                    file.expected.hex() + ": upload both again"});
    return false;
  }

  Result<FileDigest> pass(const StagedFile& file, const std::function<Result<void>(std::string_view)>& use) {
    auto reader = parts_.staging.open(file.key);
    if (!reader && reader.error().code == ErrorCode::not_found) return gone();
    if (!reader) return fail(reader.error());
    thread_local std::vector<char> block(block_size_bytes);
    Sha256Stream stream;
    FileDigest digest;
    while (true) {
      const auto got = (*reader)->read(block);
      if (!got && got.error().code == ErrorCode::not_found) return gone();
      if (!got) return fail(got.error());
      if (*got == 0) break;
      stream.update({block.data(), *got});
      TRY(use({block.data(), *got}));
      digest.size_bytes += *got;
      parts_.progress.advance(*got);
    }
    digest.sha256 = stream.finish();
    return digest;
  }

  static Result<FileDigest> gone() { return fail(ErrorCode::invalid, "went away while it was read: stage it again"); }

  const PressParts& parts_;
  const fs::path& scratch_;
  const PackageFormat* format_ = nullptr;
  Taken taken_;
};

// In the order of their first files.
std::vector<Unit> units_of(const PressParts& parts, const StagedList& staged) {
  std::vector<Unit> units;
  std::map<std::pair<TargetId, std::string>, std::size_t> by_name;
  for (const auto& file : staged.files) {
    const auto* format = parts.find_format(file.target.format);
    const bool is_package = format != nullptr && format->classify(file.name) == StagedKind::package;
    const std::string name = is_package ? format->unit_of(file.name) : file.name;
    const auto [found, is_new] = by_name.try_emplace({file.target, (is_package ? "package " : "") + name}, units.size());
    if (is_new) units.emplace_back();
    units[found->second].files.push_back(&file);
  }
  return units;
}

}  // namespace

Result<Intake> take_in(const PressParts& parts, const StagedList& staged, const fs::path& scratch, Copies copies) {
  std::uint64_t bytes = 0;
  for (const auto& file : staged.files) bytes += file.size_bytes;
  parts.progress.begin("reading staging", bytes, "bytes");
  const auto units = units_of(parts, staged);
  std::vector<Taken> taken(units.size());
  TRY(for_each_parallel(units.size(), std::thread::hardware_concurrency(), [&](std::size_t index) -> Result<void> {
    const fs::path folder = scratch / std::to_string(index);
    if (auto made = make_folders(folder); !made) return made;
    auto one = Taking(parts, folder).run(units[index]);
    std::error_code ignored;
    if (copies == Copies::removed || !one || !one->package) fs::remove_all(folder, ignored);
    if (!one) return fail(one.error());
    taken[index] = std::move(*one);
    return {};
  }));
  Intake intake;
  for (auto& one : taken) {
    if (one.package) intake.packages.push_back(std::move(*one.package));
    if (one.supplement) intake.supplements.push_back(std::move(*one.supplement));
    intake.findings.insert(intake.findings.end(), one.findings.begin(), one.findings.end());
  }
  parts.progress.end();
  return intake;
}

}  // namespace packyard
