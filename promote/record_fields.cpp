#include "promote/record_fields.h"

#include <charconv>

namespace packyard {

std::string join_record(std::initializer_list<std::string_view> fields) {
  std::size_t size_bytes = 0;
  for (const std::string_view field : fields) size_bytes += field.size() + 12;
  std::string record;
  record.reserve(size_bytes);
  for (const std::string_view field : fields) record.append(std::to_string(field.size())).append(":").append(field);
  return record;
}

Result<std::vector<std::string_view>> split_record(std::string_view record, std::size_t count) {
  std::vector<std::string_view> fields;
  while (!record.empty()) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(record.data(), record.data() + record.size(), length);
    const auto digits = static_cast<std::size_t>(end - record.data());
    if (error != std::errc() || digits >= record.size() || record[digits] != ':' || length > record.size() - digits - 1) break;
    fields.push_back(record.substr(digits + 1, length));
    record.remove_prefix(digits + 1 + length);
  }
  if (!record.empty() || fields.size() != count)
    return fail(ErrorCode::corrupt, "reading a package's record from the catalog: it does not have its " + std::to_string(count) +
                                        " fields; restore catalog.db from a backup");
  return fields;
}

}  // namespace packyard
