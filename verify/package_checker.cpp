#include "verify/package_checker.h"

#include <mutex>
#include <thread>

#include "verify/deb_package_reader.h"
#include "verify/deb_paragraph.h"
#include "verify/rpm_package_reader.h"

namespace packyard {
namespace {

constexpr std::uint64_t progress_step = 64;

std::string described(const std::string& name, const std::string& version, const std::string& architecture) {
  return name + " " + version + " " + architecture;
}

}  // namespace

// What one thread does; librpm's objects are its own.
class PackageChecker::Worker {
 public:
  Worker(PackageChecker& checker, PackageDepth depth) : checker_(checker), depth_(depth) {}

  void check(const PackageTask& task) {
    const auto file = checker_.tree_.find(task.path);
    if (!checker_.findings_.accept(task.path, file)) return;
    if (file->size_bytes != task.package.size_bytes)
      return add(task, "has " + std::to_string(file->size_bytes) + " bytes, the index says " +
                 std::to_string(task.package.size_bytes));
    if (depth_ == PackageDepth::when_changed && !file->in_candidate) return;
    checker_.bytes_ += file->size_bytes;
    if (task.format == Format::rpm) check_rpm(task, *file);
    else check_deb(task, *file);
  }

 private:
  void add(const PackageTask& task, const std::string& problem) { checker_.findings_.add(task.path, problem); }

  void compare(const PackageTask& task, const FileDigest& digest) {
    if (digest.sha256 != task.package.sha256)
      add(task, "has SHA-256 " + digest.sha256.hex() + ", the index says " + task.package.sha256.hex());
  }

  void check_rpm(const PackageTask& task, const TreeFile& file) {
    if (!rpm_) {
      auto made = RpmPackageReader::make(checker_.keys_);
      if (!checker_.findings_.accept(task.path, made)) return;
      rpm_ = std::move(*made);
    }
    ++checker_.signatures_;
    const auto checked = rpm_->check(file.real);
    if (!checker_.findings_.accept(task.path, checked)) {
      // Whatever rpm dislikes, say also whether these are the bytes the index promised.
      const auto digest = checker_.tree_.digest(file);
      if (digest) compare(task, *digest);
      return;
    }
    compare(task, checked->digest);
    compare_identity(task, checked->name, checked->version, checked->architecture);
  }

  void check_deb(const PackageTask& task, const TreeFile& file) {
    const auto digest = checker_.tree_.digest(file);
    if (!checker_.findings_.accept(task.path, digest)) return;
    compare(task, *digest);
    const auto control = read_deb_control(file.real);
    if (!checker_.findings_.accept(task.path, control)) return;
    DebParagraphReader reader([&](const DebParagraph& paragraph) -> Result<void> {
      const std::string name(paragraph.value("Package")), version(paragraph.value("Version")),
          architecture(paragraph.value("Architecture"));
      if (compare_identity(task, name, version, architecture) && control_digest(paragraph) != task.package.control)
        add(task, "has a control file whose dependencies or other fields differ from its entry in Packages");
      return {};
    });
    auto outcome = reader.feed(*control);
    if (outcome) outcome = reader.finish();
    checker_.findings_.accept(task.path, outcome);
  }

  bool compare_identity(const PackageTask& task, const std::string& name, const std::string& version,
                        const std::string& architecture) {
    const IndexedPackage& listed = task.package;
    if (name == listed.name && version == listed.version && architecture == listed.architecture) return true;
    add(task, "says it is " + described(name, version, architecture) + ", the index says " +
                  described(listed.name, listed.version, listed.architecture));
    return false;
  }

  PackageChecker& checker_;
  PackageDepth depth_;
  std::unique_ptr<RpmPackageReader> rpm_;
};

void PackageChecker::check(const std::vector<PackageTask>& tasks, PackageDepth depth,
                           const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  std::atomic<std::size_t> next = 0;
  std::mutex progress_mutex;
  std::uint64_t done = 0;
  const auto work = [&] {
    Worker worker(*this, depth);
    for (std::size_t i = next++; i < tasks.size(); i = next++) {
      worker.check(tasks[i]);
      if (!progress) continue;
      const std::lock_guard lock(progress_mutex);
      if (++done % progress_step == 0 || done == tasks.size()) progress(done, tasks.size());
    }
  };
  std::vector<std::jthread> threads;
  const std::size_t count = std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), tasks.size() / 16 + 1);
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
}

}  // namespace packyard
