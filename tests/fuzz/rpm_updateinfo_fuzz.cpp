// Staged updateinfo.xml, and with it every XML that promote reads. A byte 0xff divides what is in force from what is staged. What
// a merge gives back must be readable, name nothing twice, and hold still when it is merged with itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "core/xml/xml_document.h"
#include "promote/rpm_updateinfo.h"

using namespace packyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t divide = text.find('\xff');
  const std::string_view staged = text.substr(0, divide);
  const std::string_view previous = divide == std::string_view::npos ? std::string_view() : text.substr(divide + 1);
  if (const auto document = parse_xml(staged)) {
    const std::string written = write_xml(*document);
    const auto again = parse_xml(written);
    CHECK(again.has_value() && write_xml(*again) == written);
  }
  const auto merged = merge_updateinfo(previous, staged);
  if (!merged) return 0;
  const auto again = merge_updateinfo(*merged, *merged);
  CHECK(again.has_value() && *again == *merged);
  const auto before = packages_in_updateinfo(*merged);
  if (!before) return 0;
  for (const AdvisedPackage& package : *before) CHECK(!package.advisory.empty() && !package.name.empty());
  return 0;
}
