#include "promote/deb_record.h"

#include "promote/record_fields.h"

namespace packyard {

Result<DebRecord> DebRecord::parse(std::string_view record) {
  TRY_ASSIGN(const auto fields, split_record(record, 4));
  return DebRecord{fields[0], fields[1], fields[2] == "files", fields[3]};
}

std::string DebRecord::text() const { return join_record({stanza, section, has_files ? "files" : "", files}); }

}  // namespace packyard
