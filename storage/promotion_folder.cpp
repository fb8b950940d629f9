#include "storage/promotion_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/descriptor.h"
#include "core/durable_file.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view ending = ".json";
// Far more than the queue keeps: whoever can write there must not make the other side read for ever.
constexpr std::size_t names_max = 20'000;

}  // namespace

fs::path PromotionFolder::file(PromotionId id) const { return path_ / (id.text() + std::string(ending)); }

Result<std::vector<PromotionId>> PromotionFolder::ids() const {
  std::vector<PromotionId> ids;
  std::error_code failure;
  fs::directory_iterator entry(path_, failure);
  if (failure == std::errc::no_such_file_or_directory) return ids;
  std::size_t names = 0;
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    if (++names > names_max)
      return fail(ErrorCode::corrupt, "reading the promotion queue: " + path_.string() + " holds more than " +
                                          std::to_string(names_max) + " names; remove what does not belong there");
    const std::string name = entry->path().filename().string();
    if (!name.ends_with(ending)) continue;
    if (const auto id = PromotionId::parse(std::string_view(name).substr(0, name.size() - ending.size()))) ids.push_back(*id);
  }
  if (failure) return fail(system_error("reading the promotion queue " + path_.string(), failure.value()));
  std::ranges::sort(ids);
  return ids;
}

Result<std::string> PromotionFolder::read(PromotionId id) const {
  const std::string name = file(id).string();
  const std::string attempted = "reading " + name + " of the promotion queue";
  const Descriptor descriptor(open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (descriptor.number() < 0 && errno == ELOOP) return fail(ErrorCode::corrupt, attempted + ": it is a link");
  if (descriptor.number() < 0) return fail(system_error(attempted));
  struct stat status {};
  if (fstat(descriptor.number(), &status) != 0) return fail(system_error(attempted));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::corrupt, attempted + ": it is not a plain file");
  // One byte more than it has: files here are replaced, they do not grow.
  std::string text(std::min(static_cast<std::size_t>(status.st_size), file_bytes_max_) + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(system_error(attempted));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > file_bytes_max_)
    return fail(ErrorCode::corrupt, attempted + ": larger than " + std::to_string(file_bytes_max_) + " bytes");
  text.resize(size);
  return text;
}

Result<void> PromotionFolder::write(PromotionId id, std::string_view text) const {
  if (text.size() > file_bytes_max_)
    return fail(ErrorCode::internal,
                "writing " + file(id).string() + ": larger than " + std::to_string(file_bytes_max_) + " bytes");
  TRY(make_folders(path_));
  return write_file_durably(file(id), text, FileMode::owner_only);
}

Result<void> PromotionFolder::remove(PromotionId id) const {
  if (unlink(file(id).c_str()) != 0 && errno != ENOENT) return fail(system_error("removing " + file(id).string()));
  return {};
}

void PromotionFolder::sweep() const {
  std::error_code failure;
  std::vector<fs::path> left;
  for (fs::directory_iterator entry(path_, failure); !failure && entry != fs::directory_iterator(); entry.increment(failure))
    if (entry->path().filename().string().contains(std::string(ending) + ".new.") && left.size() < names_max)
      left.push_back(entry->path());
  for (const fs::path& path : left) unlink(path.c_str());
}

}  // namespace packyard
