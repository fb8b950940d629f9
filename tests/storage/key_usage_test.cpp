#include "storage/key_usage.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

using Clients = std::vector<std::string>;

TEST(KeyUsage, ClientsUnite) {
  EXPECT_EQ(unite_clients({}, {}), Clients{});
  EXPECT_EQ(unite_clients({"b"}, {"a", "b", "a"}), (Clients{"a", "b"}));
  EXPECT_EQ(unite_clients({"b", "other"}, {"z"}), (Clients{"b", "z", "other"}));
  EXPECT_EQ(unite_clients({"b"}, {"other", "z"}), (Clients{"b", "z", "other"}));
}

TEST(KeyUsage, ClientsBeyondTheBoundAreOthers) {
  Clients many;
  for (std::size_t i = 0; i < clients_a_day_max; ++i) many.push_back("c" + std::to_string(10 + i));
  EXPECT_EQ(unite_clients(many, {"c10"}), many);
  Clients with_other = many;
  with_other.emplace_back(other_client);
  EXPECT_EQ(unite_clients(many, {"new", "newer"}), with_other);
  EXPECT_EQ(unite_clients(with_other, {"new"}), with_other);
}

TEST(KeyUsage, APageNamesItsLastDay) {
  const std::vector<UsageDay> days = {{.day = UtcDay{1}}, {.day = UtcDay{2}}};
  EXPECT_FALSE(usage_page_of(days, 0).next);
  EXPECT_FALSE(usage_page_of(days, 2).next);
  EXPECT_EQ(usage_page_of(days, 1).next, UtcDay{1});
  EXPECT_EQ(usage_page_of(days, 1).days.size(), 1u);
}

}  // namespace
}  // namespace packyard
