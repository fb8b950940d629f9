// What verify reads from a published tree: Release and Packages paragraphs, repomd and primary, release.json and contents.json,
// control.tar, certificates.
#include <cstdint>
#include <sstream>
#include <string>

#include "verify/deb_package_reader.h"
#include "verify/deb_paragraph.h"
#include "verify/input_decompressor.h"
#include "verify/public_keys.h"
#include "verify/release_reader.h"
#include "verify/rpm_repository_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace packyard;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const auto drop = [](std::string_view) -> Result<void> { return {}; };
  switch (bytes[0] % 8) {
    case 0: {
      DebParagraphReader reader([](const DebParagraph& paragraph) -> Result<void> {
        (void)control_digest(paragraph);
        (void)parse_release_date(paragraph.value("Date")).has_value();
        (void)read_release_files(paragraph.value("SHA256")).has_value();
        return {};
      });
      if (reader.feed(text)) (void)reader.finish().has_value();
      break;
    }
    case 1: (void)read_repomd(text).has_value(); break;
    case 2: {
      PrimaryReader reader([](const std::string&, const IndexedPackage&) {});
      if (reader.feed(text)) (void)reader.finish().has_value();
      break;
    }
    case 3: (void)read_release_document(text).has_value(); break;
    case 4: {
      std::istringstream stream{std::string(text)};
      (void)read_contents_document(stream).has_value();
      break;
    }
    case 5: (void)find_control(text).has_value(); break;
    case 6: (void)split_certificates(text).has_value(); break;
    default: {
      InputDecompressor decompressor(size % 3 == 0 ? Packing::gzip : size % 3 == 1 ? Packing::xz : Packing::zstd, 1 << 20, drop);
      if (decompressor.feed(text)) (void)decompressor.finish().has_value();
    }
  }
  return 0;
}
