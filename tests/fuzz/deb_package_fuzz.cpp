// Whole .debs as promote takes them in: ar, compression, tar and control file. A listed file name stays one line.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>

#include "core/check.h"
#include "promote/deb_package_reader.h"

using namespace packyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::string input = "/dev/shm/deb_package_fuzz." + std::to_string(getpid());
  std::FILE* file = std::fopen(input.c_str(), "wb");
  CHECK(file != nullptr);
  CHECK(std::fwrite(bytes, 1, size, file) == size);
  std::fclose(file);
  const auto package = read_deb_package(input, DebDepth::with_files);
  unlink(input.c_str());
  if (!package) {
    CHECK(package.error().code == ErrorCode::invalid);
    return 0;
  }
  for (const std::string& path : package->files) CHECK(!path.empty() && path.find('\n') == std::string::npos);
  if (const auto facts = deb_facts(package->control)) CHECK(facts->file_name.find('/') == std::string::npos);
  return 0;
}
