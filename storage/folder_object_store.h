// FolderObjectStore: an ObjectStore (storage/object_store.h) in a folder. It never follows a link, at any depth: the folder may
// be written by people who must not make the press read elsewhere. Opened anew for each call; thread-safe.
#pragma once

#include <atomic>
#include <filesystem>

#include "storage/object_store.h"

namespace packyard {

class FolderObjectStore final : public ObjectStore {
 public:
  // The folder itself is made when the first object is put.
  explicit FolderObjectStore(std::filesystem::path root);
  ~FolderObjectStore() override;
  FolderObjectStore(const FolderObjectStore&) = delete;
  FolderObjectStore& operator=(const FolderObjectStore&) = delete;

  std::string description() const override;
  Result<ObjectListing> list(std::string_view folder) override;
  Result<ObjectLevel> list_level(std::string_view folder) override;
  Result<ObjectInfo> stat(const ObjectKey& key) override;
  Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) override;
  Result<void> put(const ObjectKey& key, std::string_view bytes) override;
  Result<void> put_from(const ObjectKey& key, ObjectReader& reader) override;
  Result<void> move(const ObjectKey& from, const ObjectKey& to) override;
  Result<void> remove(const ObjectKey& key) override;

 private:
  enum class Missing { fails, is_made };
  // A descriptor of the folder that holds the key, reached without following links.
  Result<int> open_folder_of(const ObjectKey& key, Missing missing) const;
  Result<int> open_folder(std::string_view folder, Missing missing) const;
  Result<int> walk_to_folder(std::string_view folder, Missing missing) const;
  Result<int> open_root(Missing missing) const;
  Result<void> list_into(int folder, const std::string& prefix, ObjectListing& listing, std::vector<std::string>* folders) const;

  std::filesystem::path root_;
  mutable std::atomic<int> root_descriptor_{-1};
};

}  // namespace packyard
