#include "signer/rpm_header_block.h"

#include <algorithm>

#include "core/check.h"

namespace packyard {
namespace {

constexpr std::string_view header_magic{"\x8e\xad\xe8\x01\0\0\0\0", 8};
constexpr std::size_t index_entry_bytes = 16;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void append_big_endian(std::string& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
}

std::size_t alignment(RpmType type) {
  switch (type) {
    case RpmType::int16: return 2;
    case RpmType::int32: return 4;
    case RpmType::int64: return 8;
    default: return 1;
  }
}

std::unexpected<Error> malformed(std::uint32_t tag, std::string_view what) {
  return fail(ErrorCode::invalid, "malformed RPM header: tag " + std::to_string(tag) + " " + std::string(what));
}

// Bytes that `count` strings, each ended by a zero byte, take at the front of data.
Result<std::size_t> strings_length(std::string_view data, std::uint32_t count, std::uint32_t tag) {
  std::size_t length = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t end = data.find('\0', length);
    if (end == std::string_view::npos) return malformed(tag, "has a string that does not end");
    length = end + 1;
  }
  return length;
}

Result<std::size_t> data_length(RpmType type, std::uint32_t count, std::string_view data, std::uint32_t tag) {
  switch (type) {
    case RpmType::character:
    case RpmType::int8:
    case RpmType::binary: return count;
    case RpmType::int16: return std::size_t{count} * 2;
    case RpmType::int32: return std::size_t{count} * 4;
    case RpmType::int64: return std::size_t{count} * 8;
    case RpmType::string:
      if (count != 1) return malformed(tag, "is a single string with a count of " + std::to_string(count));
      return strings_length(data, 1, tag);
    case RpmType::string_array:
    case RpmType::i18n_string: return strings_length(data, count, tag);
  }
  return malformed(tag, "has the unknown type " + std::to_string(static_cast<std::uint32_t>(type)));
}

bool is_region(std::uint32_t tag) { return tag == rpm_tag::header_signatures || tag == rpm_tag::immutable; }

Result<RpmHeaderEntry> read_entry(std::string_view index, std::string_view data, std::size_t& data_end) {
  RpmHeaderEntry entry{big_endian(index, 0), RpmType{big_endian(index, 4)}, big_endian(index, 12), {}};
  const std::uint32_t offset = big_endian(index, 8);
  if (entry.count == 0 || entry.count > data.size()) return malformed(entry.tag, "has an impossible count");
  if (offset > data.size() || offset % alignment(entry.type) != 0)
    return malformed(entry.tag, "points outside the header's data");
  TRY_ASSIGN(const std::size_t length, data_length(entry.type, entry.count, data.substr(offset), entry.tag));
  if (length > data.size() - offset) return malformed(entry.tag, "reaches beyond the header's data");
  if (!is_region(entry.tag)) {
    if (offset < data_end) return malformed(entry.tag, "overlaps the tag before it");
    data_end = offset + length;
  }
  entry.data = data.substr(offset, length);
  return entry;
}

}  // namespace

Result<std::size_t> rpm_header_bytes(std::string_view introduction, RpmHeaderLimits limits) {
  if (introduction.size() < rpm_header_intro_bytes || !introduction.starts_with(header_magic))
    return fail(ErrorCode::invalid, "not an RPM header: its magic number is missing");
  const std::uint32_t entries = big_endian(introduction, 8), data_bytes = big_endian(introduction, 12);
  if (entries == 0 || entries > limits.entries_max || data_bytes == 0 || data_bytes > limits.data_bytes_max)
    return fail(ErrorCode::invalid,
                "malformed RPM header: " + std::to_string(entries) + " entries over " + std::to_string(data_bytes) + " bytes");
  return rpm_header_intro_bytes + entries * index_entry_bytes + data_bytes;
}

Result<std::vector<RpmHeaderEntry>> read_rpm_header(std::string_view block, RpmHeaderLimits limits) {
  TRY_ASSIGN(const std::size_t expected, rpm_header_bytes(block, limits));
  if (block.size() != expected) return fail(ErrorCode::invalid, "malformed RPM header: it ends early");
  const std::size_t count = big_endian(block, 8);
  const std::string_view data = block.substr(rpm_header_intro_bytes + count * index_entry_bytes);
  std::vector<RpmHeaderEntry> entries;
  std::size_t data_end = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view index = block.substr(rpm_header_intro_bytes + i * index_entry_bytes, index_entry_bytes);
    TRY_ASSIGN(const RpmHeaderEntry entry, read_entry(index, data, data_end));
    if (!is_region(entry.tag)) entries.push_back(entry);
  }
  return entries;
}

std::string write_rpm_signature_header(std::vector<RpmHeaderEntry> entries) {
  std::ranges::sort(entries, {}, &RpmHeaderEntry::tag);
  const auto total = static_cast<std::uint32_t>(entries.size() + 1);
  std::string index, data;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const RpmHeaderEntry& entry = entries[i];
    CHECK(entry.tag > rpm_tag::immutable && (i == 0 || entries[i - 1].tag < entry.tag));
    data.append((alignment(entry.type) - data.size() % alignment(entry.type)) % alignment(entry.type), '\0');
    append_big_endian(index, entry.tag);
    append_big_endian(index, static_cast<std::uint32_t>(entry.type));
    append_big_endian(index, static_cast<std::uint32_t>(data.size()));
    append_big_endian(index, entry.count);
    data += entry.data;
  }
  // The region: its index entry comes first, its trailer last; the trailer's offset says backwards how long the index is.
  std::string block{header_magic};
  append_big_endian(block, total);
  append_big_endian(block, static_cast<std::uint32_t>(data.size() + index_entry_bytes));
  append_big_endian(block, rpm_tag::header_signatures);
  append_big_endian(block, static_cast<std::uint32_t>(RpmType::binary));
  append_big_endian(block, static_cast<std::uint32_t>(data.size()));
  append_big_endian(block, index_entry_bytes);
  block += index;
  block += data;
  append_big_endian(block, rpm_tag::header_signatures);
  append_big_endian(block, static_cast<std::uint32_t>(RpmType::binary));
  append_big_endian(block, ~(total * static_cast<std::uint32_t>(index_entry_bytes)) + 1);
  append_big_endian(block, index_entry_bytes);
  block.append((8 - block.size() % 8) % 8, '\0');
  return block;
}

const RpmHeaderEntry* find_rpm_entry(const std::vector<RpmHeaderEntry>& entries, std::uint32_t tag) {
  const auto found = std::ranges::find(entries, tag, &RpmHeaderEntry::tag);
  return found == entries.end() ? nullptr : &*found;
}

Result<std::uint64_t> read_rpm_number(const RpmHeaderEntry& entry) {
  if (entry.type == RpmType::int32) return big_endian(entry.data, 0);
  if (entry.type == RpmType::int64) return std::uint64_t{big_endian(entry.data, 0)} << 32 | big_endian(entry.data, 4);
  return malformed(entry.tag, "is not a number");
}

}  // namespace packyard
