// The control file of a Debian package: parsing never crashes, and what is accepted stands in Packages as one stanza of fields.
#include <cstdint>
#include <string_view>

#include "core/check.h"
#include "promote/deb_control.h"
#include "promote/deb_package_reader.h"
#include "promote/deb_version.h"

using namespace packyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto control = DebControl::parse(text)) {
    const std::string stanza = control->text();
    CHECK(stanza.find("\n\n") == std::string::npos);
    const auto again = DebControl::parse(stanza);
    CHECK(again.has_value() && again->text() == stanza);
    if (const auto facts = deb_facts(*control)) {
      CHECK(facts->file_name.find('/') == std::string::npos);
      CHECK(facts->source_name.find('/') == std::string::npos);
      CHECK(deb_staged_name_fits(facts->file_name, *facts));
    }
  }
  if (const auto version = DebVersion::parse(text)) CHECK(*version == *version);
  return 0;
}
