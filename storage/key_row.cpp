#include "storage/key_row.h"

#include <algorithm>
#include <utility>

namespace packyard {
namespace {

template <class Items, class Show>
std::string joined(const Items& items, Show show) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ' ';
    text += show(item);
  }
  return text;
}

// Appends what parse makes of each word.
template <class Item, class Parse>
Result<void> read_words(std::string_view column, std::vector<Item>& items, Parse parse) {
  while (!column.empty()) {
    const std::size_t space = std::min(column.find(' '), column.size());
    TRY_ASSIGN(auto item, parse(column.substr(0, space)));
    items.push_back(std::move(item));
    column.remove_prefix(std::min(space + 1, column.size()));
  }
  return {};
}

std::optional<Sha256> digest_of(const std::string& bytes) {
  Sha256 digest;
  if (bytes.size() != digest.bytes.size()) return std::nullopt;
  std::ranges::transform(bytes, digest.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return digest;
}

Result<KeyScope> scope_of(const sqlite::Row& row) {
  KeyScope scope;
  TRY(read_words(row.text(3), scope.components, ComponentName::parse));
  TRY(read_words(row.text(10), scope.years, Year::parse));
  TRY(read_words(row.text(11), scope.formats, parse_format));
  TRY(read_words(row.text(12), scope.addresses, AddressRange::parse));
  if (scope.components.empty()) return fail(ErrorCode::corrupt, "no component");
  return scope;
}

std::optional<Timestamp> optional_time(const sqlite::Row& row, int column) {
  const auto seconds = row.optional_integer(column);
  return seconds ? std::optional(Timestamp{*seconds}) : std::nullopt;
}

std::optional<std::uint64_t> optional_number(const sqlite::Row& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.unsigned_integer(column));
}

}  // namespace

Result<KeyRecord> key_record_of(const sqlite::Row& row) {
  const std::string id = row.text(0);
  const auto digest = digest_of(row.blob(1));
  auto scope = scope_of(row);
  if (!scope || !digest)
    return fail(ErrorCode::corrupt,
                "reading key " + id + ": its scope or digest is damaged; restore the key database from a backup");
  return KeyRecord{.id = KeyId{id},
                   .digest = *digest,
                   .pepper_id = row.text(2),
                   .scope = std::move(*scope),
                   .label = row.text(4),
                   .created_at = Timestamp{row.integer(5)},
                   .not_before = optional_time(row, 13),
                   .expires_at = optional_time(row, 6),
                   .grace = std::chrono::seconds(row.integer(14)),
                   .revoked_at = optional_time(row, 7),
                   .suspended_at = optional_time(row, 16),
                   .metadata = row.text(15),
                   .limits = {optional_number(row, 17), optional_number(row, 18)},
                   .last_used_at = optional_time(row, 8),
                   .use_count = row.unsigned_integer(9)};
}

Result<FormerSecret> former_secret_of(const sqlite::Row& row) {
  const auto digest = digest_of(row.blob(0));
  if (!digest)
    return fail(ErrorCode::corrupt, "reading a former secret: its digest is damaged; restore the key database from a backup");
  return FormerSecret{*digest, row.text(1), Timestamp{row.integer(2)}};
}

void sort_former_secrets(std::vector<FormerSecret>& secrets) {
  std::ranges::sort(secrets, [](const FormerSecret& left, const FormerSecret& right) {
    return left.valid_until != right.valid_until ? left.valid_until > right.valid_until : left.digest < right.digest;
  });
}

std::string component_column(const KeyScope& scope) {
  return joined(scope.components, [](const ComponentName& name) { return name.text(); });
}
std::string year_column(const KeyScope& scope) {
  return joined(scope.years, [](const Year& year) { return year.text(); });
}
std::string format_column(const KeyScope& scope) {
  return joined(scope.formats, [](Format format) { return std::string(to_string(format)); });
}
std::string address_column(const KeyScope& scope) {
  return joined(scope.addresses, [](const AddressRange& range) { return range.text(); });
}

}  // namespace packyard
