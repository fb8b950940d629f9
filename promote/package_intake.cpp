#include "promote/package_intake.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "core/durable_file.h"
#include "promote/parallel.h"

namespace packyard {
namespace {

constexpr std::size_t block_size_bytes = 256 * 1024;
constexpr std::size_t supplement_bytes_max = 256 << 20;

class ScratchFile {
 public:
  explicit ScratchFile(const std::filesystem::path& file)
      : file_(file), descriptor_(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Result<void> append(std::string_view bytes) {
    if (descriptor_ < 0) return fail(system_error("creating " + file_.string()));
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error("copying a staged file to " + file_.string()));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  std::filesystem::path file_;
  int descriptor_;
};

Result<FileDigest> copy_and_hash(ObjectStore& store, const ObjectKey& key, const std::filesystem::path& to, Progress& progress) {
  TRY_ASSIGN(const auto reader, store.open(key));
  ScratchFile file(to);
  TRY(file.append({}));
  thread_local std::vector<char> block(block_size_bytes);
  Sha256Stream stream;
  FileDigest digest;
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader->read(block));
    if (got == 0) break;
    stream.update({block.data(), got});
    TRY(file.append({block.data(), got}));
    digest.size_bytes += got;
    progress.advance(got);
  }
  digest.sha256 = stream.finish();
  return digest;
}

// What one staged file turned out to be; exactly one is set.
struct Taken {
  std::optional<TakenPackage> package;
  std::optional<TakenSupplement> supplement;
  std::optional<Finding> finding;
};

// Words that belong to the vendor are findings, our own failures errors.
Result<Taken> refused_or_failed(const StagedFile& file, const Error& error) {
  if (error.code != ErrorCode::invalid && error.code != ErrorCode::conflict)
    return fail(error.in("taking in " + file.key.text()));
  return Taken{{}, {}, Finding{file.key.text(), error.message}};
}

Result<Taken> take_one(const PressParts& parts, const StagedFile& file, const std::filesystem::path& scratch) {
  const auto* format = parts.find_format(file.target.format);
  const auto refuse = [&](std::string problem) { return Taken{{}, {}, Finding{file.key.text(), std::move(problem)}}; };
  if (format == nullptr) return refuse("this packyard does not publish the format " + std::string(to_string(file.target.format)));
  const StagedKind kind = format->classify(file.name);
  if (kind == StagedKind::foreign)
    return refuse("is nothing that the format " + std::string(to_string(file.target.format)) +
                  " publishes: remove it from staging");
  auto digest = copy_and_hash(parts.staging, file.key, scratch, parts.progress);
  if (!digest && digest.error().code == ErrorCode::not_found) return refuse("went away while it was read: stage it again");
  if (!digest) return refused_or_failed(file, digest.error());
  if (digest->sha256 != file.expected)
    return refuse("its SHA-256 is " + digest->sha256.hex() + ", its checksum file says " + file.expected.hex() +
                  ": upload both again");
  if (kind == StagedKind::supplement) {
    auto text = read_small_file(scratch, supplement_bytes_max);
    if (!text) return refused_or_failed(file, text.error());
    return Taken{{}, TakenSupplement{file, std::move(*text)}, {}};
  }
  auto facts = format->inspect(scratch, file.name);
  if (!facts) return refused_or_failed(file, facts.error());
  if (auto fits = format->check_fits(*facts, file.target); !fits) return refused_or_failed(file, fits.error());
  return Taken{TakenPackage{file, *digest, scratch, std::move(*facts)}, {}, {}};
}

}  // namespace

Result<Intake> take_in(const PressParts& parts, const StagedList& staged, const std::filesystem::path& scratch, Copies copies) {
  std::uint64_t bytes = 0;
  for (const auto& file : staged.files) bytes += file.size_bytes;
  parts.progress.begin("reading staging", bytes, "bytes");
  std::vector<Taken> taken(staged.files.size());
  TRY(for_each_parallel(staged.files.size(), std::thread::hardware_concurrency(), [&](std::size_t index) -> Result<void> {
    const auto copy = scratch / std::to_string(index);
    auto one = take_one(parts, staged.files[index], copy);
    if (copies == Copies::removed || !one || !one->package) unlink(copy.c_str());
    if (!one) return fail(one.error());
    taken[index] = std::move(*one);
    return {};
  }));
  Intake intake;
  for (auto& one : taken) {
    if (one.package) intake.packages.push_back(std::move(*one.package));
    if (one.supplement) intake.supplements.push_back(std::move(*one.supplement));
    if (one.finding) intake.findings.push_back(std::move(*one.finding));
  }
  parts.progress.end();
  return intake;
}

}  // namespace packyard
