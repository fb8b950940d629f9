// PromotionFolder: a folder with one small file for each promotion, prm_N.json, written by one side of the queue and read by the
// other, which does not trust it: names that are none of these are passed over, and only plain files up to a size are read, no
// links, pipes or devices. A file is replaced as a whole and survives a power cut. One process writes at a time; reading needs
// nobody's leave.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/promotion_record.h"

namespace packyard {

class PromotionFolder {
 public:
  PromotionFolder(std::filesystem::path path, std::size_t file_bytes_max)
      : path_(std::move(path)), file_bytes_max_(file_bytes_max) {}

  const std::filesystem::path& path() const { return path_; }
  // In their order; none when there is no such folder yet.
  Result<std::vector<PromotionId>> ids() const;
  // not_found when there is none; corrupt when it is no plain file or too large.
  Result<std::string> read(PromotionId id) const;
  // Makes the folder.
  Result<void> write(PromotionId id, std::string_view text) const;
  Result<void> remove(PromotionId id) const;
  // Removes what a writer that was killed had not finished. Only for the one who writes.
  void sweep() const;

 private:
  std::filesystem::path file(PromotionId id) const;
  std::filesystem::path path_;
  std::size_t file_bytes_max_;
};

}  // namespace packyard
