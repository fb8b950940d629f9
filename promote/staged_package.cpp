#include "promote/staged_package.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/descriptor.h"

namespace packyard {
namespace {

class CopyingSink final : public StagedSink {
 public:
  explicit CopyingSink(std::filesystem::path file)
      : file_(std::move(file)), descriptor_(open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)), error_(errno) {}

  Result<void> write(std::string_view bytes) override {
    TRY(check_open());
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail(system_error("copying a staged file to " + file_.string()));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<std::shared_ptr<const StagedContent>> finish() override {
    TRY(check_open());
    return nullptr;
  }

 private:
  Result<void> check_open() const {
    if (descriptor_.number() < 0) return fail(system_error("creating " + file_.string(), error_));
    return {};
  }

  std::filesystem::path file_;
  Descriptor descriptor_;
  int error_;  // of opening
};

}  // namespace

std::unique_ptr<StagedSink> make_copying_sink(std::filesystem::path file) {
  return std::make_unique<CopyingSink>(std::move(file));
}

}  // namespace packyard
