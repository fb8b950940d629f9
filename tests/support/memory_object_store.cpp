#include "tests/support/memory_object_store.h"

#include <algorithm>
#include <cstring>

namespace packyard {
namespace {

class TextReader final : public ObjectReader {
 public:
  explicit TextReader(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(std::span<char> block) override {
    const std::size_t size = std::min(block.size(), text_.size() - at_);
    std::memcpy(block.data(), text_.data() + at_, size);
    at_ += size;
    return size;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

std::unexpected<Error> missing(const ObjectKey& key) { return fail(ErrorCode::not_found, "no object " + key.text()); }

}  // namespace

Result<void> MemoryObjectStore::check() {
  return failure_.with([](auto& failure) -> Result<void> {
    if (failure) return fail(*failure);
    return {};
  });
}

Result<ObjectListing> MemoryObjectStore::list(std::string_view folder) {
  TRY(check());
  if (!folder.empty()) TRY(ObjectKey::parse(folder));
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  ObjectListing listing;
  objects_.with([&](auto& objects) {
    for (const auto& [key, bytes] : objects)
      if (key.text().starts_with(prefix)) listing.objects.push_back({key, bytes.size()});
  });
  return listing;
}

Result<ObjectLevel> MemoryObjectStore::list_level(std::string_view folder) {
  TRY_ASSIGN(const auto all, list(folder));
  ObjectLevel level;
  const std::size_t prefix = folder.empty() ? 0 : folder.size() + 1;
  for (const auto& info : all.objects) {
    const std::string_view rest = std::string_view(info.key.text()).substr(prefix);
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos)
      level.here.objects.push_back(info);
    else if (level.folders.empty() || level.folders.back() != rest.substr(0, slash))
      level.folders.emplace_back(rest.substr(0, slash));
  }
  std::ranges::sort(level.folders);
  const auto repeated = std::ranges::unique(level.folders);
  level.folders.erase(repeated.begin(), repeated.end());
  return level;
}

Result<ObjectInfo> MemoryObjectStore::stat(const ObjectKey& key) {
  TRY(check());
  return objects_.with([&](auto& objects) -> Result<ObjectInfo> {
    const auto found = objects.find(key);
    if (found == objects.end()) return missing(key);
    return ObjectInfo{key, found->second.size()};
  });
}

Result<std::unique_ptr<ObjectReader>> MemoryObjectStore::open(const ObjectKey& key) {
  TRY(check());
  return objects_.with([&](auto& objects) -> Result<std::unique_ptr<ObjectReader>> {
    const auto found = objects.find(key);
    if (found == objects.end()) return missing(key);
    return std::make_unique<TextReader>(found->second);
  });
}

Result<void> MemoryObjectStore::put(const ObjectKey& key, std::string_view bytes) {
  TRY(check());
  objects_.with([&](auto& objects) { objects.insert_or_assign(key, std::string(bytes)); });
  return {};
}

Result<void> MemoryObjectStore::put_from(const ObjectKey& key, ObjectReader& reader) {
  std::string bytes;
  char block[4096];
  while (true) {
    TRY_ASSIGN(const std::size_t got, reader.read(block));
    if (got == 0) return put(key, bytes);
    bytes.append(block, got);
  }
}

Result<void> MemoryObjectStore::move(const ObjectKey& from, const ObjectKey& to) {
  TRY(check());
  return objects_.with([&](auto& objects) -> Result<void> {
    auto node = objects.extract(from);
    if (node.empty()) return missing(from);
    objects.insert_or_assign(to, std::move(node.mapped()));
    return {};
  });
}

Result<void> MemoryObjectStore::remove(const ObjectKey& key) {
  TRY(check());
  return objects_.with([&](auto& objects) -> Result<void> {
    if (objects.erase(key) == 0) return missing(key);
    return {};
  });
}

}  // namespace packyard
