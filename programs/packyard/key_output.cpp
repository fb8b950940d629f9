#include "programs/packyard/key_output.h"

#include <algorithm>

namespace packyard {
namespace {

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }
std::string or_all(const std::string& text) { return text.empty() ? "all" : text; }
std::string limit_a_day(std::uint64_t limit) { return limit == 0 ? "no limit" : "at most " + std::to_string(limit) + " a day"; }
std::string time_or_dash(const std::optional<Timestamp>& time) { return time ? time->rfc3339() : "-"; }

// The first row is the head; the last column may be of any width.
std::string table_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t column = 0; column < row.size(); ++column) widths[column] = std::max(widths[column], row[column].size());
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column + 1 < row.size(); ++column)
      text += row[column] + std::string(widths[column] - row[column].size() + 2, ' ');
    text += row.back() + "\n";
  }
  return text;
}

}  // namespace

std::string described(const KeyView& key) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) { text += std::string(name) + value + "\n"; };
  line("id          ", key.id);
  line("components  ", key.components);
  line("years       ", or_all(key.years));
  line("formats     ", or_all(key.formats));
  line("addresses   ", or_all(key.addresses));
  line("label       ", key.label);
  line("status      ", key.status);
  line("created     ", key.created_at);
  line("not before  ", or_dash(key.not_before));
  line("expires     ", or_dash(key.expires_at));
  line("grace       ", std::to_string(key.grace_seconds) + " s");
  line("requests    ", limit_a_day(key.requests_per_day));
  line("clients     ", limit_a_day(key.addresses_per_day));
  line("revoked     ", or_dash(key.revoked_at));
  line("suspended   ", or_dash(key.suspended_at));
  line("old secrets ", or_dash(key.former_until));
  line("last used   ", or_dash(key.last_used_at));
  line("uses        ", std::to_string(key.use_count));
  line("metadata    ", or_dash(key.metadata));
  return text;
}

// The label comes last: it may be long, and its width on a terminal is not its number of bytes.
std::string as_table(const std::vector<KeyView>& keys) {
  std::vector<std::vector<std::string>> rows = {{"ID", "COMPONENTS", "STATUS", "CREATED", "EXPIRES", "LAST USED", "LABEL"}};
  for (const KeyView& key : keys)
    rows.push_back(
        {key.id, key.components, key.status, key.created_at, or_dash(key.expires_at), or_dash(key.last_used_at), key.label});
  return table_of(rows);
}

std::string as_table(const std::vector<UsageDay>& days) {
  std::vector<std::vector<std::string>> rows = {{"DAY", "REQUESTS", "DENIED", "FIRST", "LAST", "ADDRESSES", "CLIENTS"}};
  for (const UsageDay& day : days) {
    std::string clients;
    for (const std::string& client : day.clients) clients += (clients.empty() ? "" : ", ") + client;
    const std::string addresses = std::to_string(day.addresses) + (day.addresses >= addresses_a_day_max ? "+" : "");
    rows.push_back({day.day.text(), std::to_string(day.requests), std::to_string(day.denied), time_or_dash(day.first_at),
                    time_or_dash(day.last_at), addresses, or_dash(clients)});
  }
  return table_of(rows);
}

}  // namespace packyard
