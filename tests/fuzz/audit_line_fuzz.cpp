// Lines of an audit log: what reads is bound by its hash, and a line written from any text reads back as it was.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "storage/audit_link.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto link = packyard::read_audit_link(text);
  if (const auto line = packyard::read_audit_line(text)) {
    if (link) demand(link->head.hash == line->head.hash);
    std::string changed(text);
    changed[size / 2] = static_cast<char>(changed[size / 2] ^ 1);
    demand(!packyard::read_audit_line(changed));
  }
  if (const auto head = packyard::AuditHead::parse(text)) demand(head->text() == text);
  const packyard::AuditEntry entry{"someone", std::string(text.substr(0, 8)), "key_changed", std::string(text), {}, {}};
  const auto written = packyard::write_audit_line({}, packyard::Timestamp{1'767'225'600}, entry, packyard::AuditOutcome::done);
  demand(written.text.find('\n') == written.text.size() - 1);
  if (const auto again = packyard::read_audit_line(std::string_view(written.text).substr(0, written.text.size() - 1)))
    demand(again->entry == entry && again->head == written.head);
  return 0;
}
