#include "storage/key_usage.h"

#include <algorithm>
#include <utility>

namespace packyard {

UsagePage usage_page_of(std::vector<UsageDay> days, std::size_t limit) {
  if (limit == 0 || days.size() <= limit) return {std::move(days), std::nullopt};
  days.resize(limit);
  const UtcDay last = days.back().day;
  return {std::move(days), last};
}

std::vector<std::string> unite_clients(std::vector<std::string> clients, const std::vector<std::string>& more) {
  const auto holds = [&](std::string_view client) { return std::ranges::find(clients, client) != clients.end(); };
  const auto is_other = [](const std::string& client) { return client == other_client; };
  bool has_other = std::erase_if(clients, is_other) > 0;
  for (const std::string& client : more) {
    if (holds(client)) continue;
    if (is_other(client) || clients.size() >= clients_a_day_max)
      has_other = true;
    else
      clients.push_back(client);
  }
  std::ranges::sort(clients);
  if (has_other) clients.emplace_back(other_client);
  return clients;
}

}  // namespace packyard
