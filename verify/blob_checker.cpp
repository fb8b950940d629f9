#include "verify/blob_checker.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "core/descriptor.h"

namespace packyard {
namespace {

constexpr std::size_t block_bytes = 1024 * 1024;
constexpr std::uint64_t layer_bytes_max = 256ULL * 1024 * 1024 * 1024;  // unpacked; a bomb costs time, never memory

// The digest of what a stream unpacks to.
class LayerDigest {
 public:
  explicit LayerDigest(Packing packing)
      : packing_(packing), decompressor_(packing, layer_bytes_max, [this](std::string_view bytes) -> Result<void> {
          stream_.update(bytes);
          return {};
        }) {}

  Packing packing() const { return packing_; }
  void feed(std::string_view bytes) {
    if (outcome_) outcome_ = decompressor_.feed(bytes);
  }
  Result<Sha256> finish() {
    if (outcome_) outcome_ = decompressor_.finish();
    if (!outcome_) return fail(outcome_.error());
    return stream_.finish();
  }

 private:
  Packing packing_;
  Sha256Stream stream_;
  InputDecompressor decompressor_;
  Result<void> outcome_;
};

}  // namespace

struct BlobChecker::Reading {
  TreeFile file;
  std::vector<const BlobTask*> tasks;
};

// What is to be read whole: the largest first, so that no thread is left alone with it at the end.
std::vector<BlobChecker::Reading> BlobChecker::choose(const std::vector<BlobTask>& tasks, PackageDepth depth) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, Reading> readings;
  for (const BlobTask& task : tasks) {
    const auto file = tree_.find(task.path);
    if (!findings_.accept(task.path, file)) continue;
    if (file->size_bytes != task.promised.size_bytes) {
      findings_.add(task.path, "has " + std::to_string(file->size_bytes) + " bytes, " + std::to_string(task.promised.size_bytes) +
                                   " are promised");
      continue;
    }
    const bool is_due = file->in_candidate || std::ranges::any_of(task.layers, &LayerPromise::is_new);
    if (depth == PackageDepth::when_changed && !is_due) continue;
    Reading& reading = readings[{file->device, file->inode}];
    reading.file = *file;
    reading.tasks.push_back(&task);
  }
  std::vector<Reading> chosen;
  for (auto& [identity, reading] : readings) chosen.push_back(std::move(reading));
  std::ranges::stable_sort(chosen, std::ranges::greater(), [](const Reading& reading) { return reading.file.size_bytes; });
  return chosen;
}

void BlobChecker::read(const Reading& reading) const {
  const std::string& name = reading.tasks.front()->path;
  const Descriptor file(open(reading.file.real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.number() < 0) return findings_.add(name, system_error("opening it").message);
  std::set<Packing> packings;
  for (const BlobTask* task : reading.tasks)
    for (const LayerPromise& layer : task->layers) packings.insert(layer.packing);
  std::vector<std::unique_ptr<LayerDigest>> layers;
  for (const Packing packing : packings) layers.push_back(std::make_unique<LayerDigest>(packing));
  Sha256Stream stream;
  std::vector<char> block(static_cast<std::size_t>(std::clamp<std::uint64_t>(reading.file.size_bytes, 1, block_bytes)));
  while (true) {
    const ssize_t got = ::read(file.number(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return findings_.add(name, system_error("reading it").message);
    if (got == 0) break;
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    stream.update(bytes);
    for (const auto& layer : layers) layer->feed(bytes);
  }
  const Sha256 digest = stream.finish();
  std::map<Packing, Result<Sha256>> unpacked;
  for (const auto& layer : layers) unpacked.emplace(layer->packing(), layer->finish());
  for (const BlobTask* task : reading.tasks) {
    if (digest != task->promised.sha256)
      findings_.add(task->path, "has SHA-256 " + digest.hex() + ", " + task->promised.sha256.hex() + " is promised");
    for (const LayerPromise& layer : task->layers) {
      const auto& outcome = unpacked.at(layer.packing);
      if (!outcome)
        findings_.add(task->path, outcome.error().message + " (a layer of " + layer.manifest + ")");
      else if (*outcome != layer.diff_id)
        findings_.add(task->path, "unpacks to SHA-256 " + outcome->hex() + ", the configuration of " + layer.manifest + " says " +
                                      layer.diff_id.hex());
    }
  }
}

void BlobChecker::check(const std::vector<BlobTask>& tasks, PackageDepth depth,
                        const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  const std::vector<Reading> readings = choose(tasks, depth);
  for (const Reading& reading : readings) bytes_ += reading.file.size_bytes;
  std::atomic<std::size_t> next = 0;
  std::mutex progress_mutex;
  std::uint64_t done = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < readings.size(); i = next++) {
      read(readings[i]);
      if (!progress) continue;
      const std::lock_guard lock(progress_mutex);
      progress(++done, readings.size());
    }
  };
  std::vector<std::jthread> threads;
  const std::size_t count = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), readings.size());
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
}

}  // namespace packyard
