// What lies in a folder and below it: files with size and time, and links, which are not followed. Sorted by path.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace packyard {

struct ListedFile {
  std::string path;  // below the folder
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;  // since 1970
};

struct ListedLink {
  std::string path;
  std::string target;
};

struct TreeListing {
  std::vector<ListedFile> files;
  std::vector<ListedLink> links;
};

// An absent folder is empty. invalid when something else than a file, folder or link lies there.
Result<TreeListing> list_tree(const std::filesystem::path& folder);

struct FileState {
  std::uint64_t size_bytes = 0;
  std::uint64_t modified_ns = 0;
};
// invalid when it is no plain file.
Result<FileState> state_of_file(const std::filesystem::path& file);

}  // namespace packyard
