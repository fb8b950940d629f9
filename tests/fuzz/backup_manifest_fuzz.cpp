// The manifest of a backup, which whoever can write to the destination may have written: any bytes are read or refused; what is read
// names nothing outside its folders and reads back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "backup/backup_manifest.h"
#include "core/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packyard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The digest at its end would keep almost every input from going deeper: it is made right for the lines given.
  std::string whole(text.substr(0, text.rfind("{\"end\"")));
  std::size_t lines = 0;
  for (const char c : whole) lines += c == '\n' ? 1 : 0;
  if (lines > 0) whole += "{\"end\":" + std::to_string(lines - 1) + ",\"sha256\":\"" + sha256(whole).hex() + "\"}\n";
  for (const std::string_view input : {text, std::string_view(whole)}) {
    const auto manifest = parse_manifest(input);
    if (!manifest) continue;
    for (const KeptFile& file : manifest->files) CHECK(file.path.text().find("/../") == std::string::npos);
    for (const KeptLink& link : manifest->links) CHECK(stays_inside(link.path, link.target));
    const auto again = parse_manifest(manifest_text(*manifest));
    CHECK(again && manifest_text(*again) == manifest_text(*manifest));
  }
  return 0;
}
