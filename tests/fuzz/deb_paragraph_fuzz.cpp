// verify's reader of Release and Packages. However the bytes are cut (a byte 0xff cuts) the same packages are seen.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "verify/deb_paragraph.h"

namespace {

using namespace packyard;

struct Outcome {
  bool is_whole = false;
  std::string seen;
};

Outcome read(const std::vector<std::string>& pieces) {
  Outcome outcome;
  DebParagraphReader reader([&outcome](const DebParagraph& paragraph) -> Result<void> {
    CHECK(!paragraph.empty());
    outcome.seen.append(paragraph.value("Package")).append("|").append(control_digest(paragraph).hex()).append("\n");
    if (const auto files = read_release_files(paragraph.value("SHA256")))
      for (const ReleaseFile& file : *files) CHECK(!file.name.empty() && file.name.find('\n') == std::string::npos);
    if (const auto date = parse_release_date(paragraph.value("Date"))) CHECK(parse_release_date(date->rfc5322_utc()) == *date);
    return {};
  });
  for (const std::string& piece : pieces)
    if (!reader.feed(piece)) return outcome;
  outcome.is_whole = reader.finish().has_value();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> pieces(1);
  std::string whole;
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0xff) {
      pieces.emplace_back();
      continue;
    }
    pieces.back() += static_cast<char>(data[i]);
    whole += static_cast<char>(data[i]);
  }
  const Outcome in_pieces = read(pieces), at_once = read({whole});
  CHECK(in_pieces.is_whole == at_once.is_whole);
  CHECK(!at_once.is_whole || in_pieces.seen == at_once.seen);
  return 0;
}
