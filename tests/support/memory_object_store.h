// MemoryObjectStore: an ObjectStore that lives and ends with the test. Can be told to fail, to play a store that is away.
#pragma once

#include <map>
#include <optional>

#include "core/guarded.h"
#include "storage/object_store.h"

namespace packyard {

class MemoryObjectStore final : public ObjectStore {
 public:
  void fail_with(std::optional<Error> error) {
    failure_.with([&](auto& failure) { failure = std::move(error); });
  }
  std::string description() const override { return "memory"; }
  Result<ObjectListing> list(std::string_view folder) override;
  Result<ObjectLevel> list_level(std::string_view folder) override;
  Result<ObjectInfo> stat(const ObjectKey& key) override;
  Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) override;
  Result<void> put(const ObjectKey& key, std::string_view bytes) override;
  Result<void> put_from(const ObjectKey& key, ObjectReader& reader) override;
  Result<void> move(const ObjectKey& from, const ObjectKey& to) override;
  Result<void> remove(const ObjectKey& key) override;

 private:
  Result<void> check();
  Guarded<std::map<ObjectKey, std::string>> objects_;
  Guarded<std::optional<Error>> failure_;
};

}  // namespace packyard
