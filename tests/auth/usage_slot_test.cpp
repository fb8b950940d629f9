#include "auth/usage_slot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace packyard {
namespace {

IpAddress address_of(unsigned number) {
  return IpAddress::parse("10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256)).value();
}

KeyUsage taken(UsageSlot& slot) {
  KeyUsage usage;
  slot.take(usage);
  std::ranges::sort(usage.addresses);
  std::ranges::sort(usage.clients);
  return usage;
}

void count(UsageSlot& slot, unsigned address, std::string_view user_agent) {
  const KnownClient client(address_of(address));
  slot.count(&client, user_agent);
}

TEST(UsageSlot, TellsWhatIsNewOnceADay) {
  UsageSlot slot;
  KeyUsage nothing;
  EXPECT_FALSE(slot.take(nothing));
  for (int i = 0; i < 3; ++i) count(slot, 1, "curl/8.1");
  count(slot, 2, "curl/8.1");
  slot.count_denied();
  const KeyUsage first = taken(slot);
  EXPECT_EQ(first.uses, 4u);
  EXPECT_EQ(first.denied, 1u);
  EXPECT_EQ(first.addresses, (std::vector{address_of(1), address_of(2)}));
  EXPECT_EQ(first.clients, std::vector<std::string>{"curl/8.1"});
  EXPECT_FALSE(slot.take(nothing));
  count(slot, 1, "curl/8.1");
  count(slot, 3, "wget/1.2");
  const KeyUsage second = taken(slot);
  EXPECT_EQ(second.uses, 2u);
  EXPECT_EQ(second.addresses, std::vector{address_of(3)});
  EXPECT_EQ(second.clients, std::vector<std::string>{"wget/1.2"});
  slot.begin_day();
  count(slot, 1, "curl/8.1");
  EXPECT_EQ(taken(slot).addresses, std::vector{address_of(1)});
}

TEST(UsageSlot, WhatIsUnknownIsNotNoted) {
  UsageSlot slot;
  const KnownClient nobody(std::nullopt);
  slot.count();
  slot.count(&nobody, {});
  slot.count(&nobody, "curl/8.1");
  const KeyUsage usage = taken(slot);
  EXPECT_EQ(usage.uses, 3u);
  EXPECT_TRUE(usage.addresses.empty());
  EXPECT_EQ(usage.clients, std::vector<std::string>{"curl/8.1"});
}

TEST(UsageSlot, IsBounded) {
  UsageSlot slot;
  for (unsigned i = 0; i < 1000; ++i) count(slot, i, "client/" + std::to_string(i));
  const KeyUsage usage = taken(slot);
  EXPECT_EQ(usage.uses, 1000u);
  EXPECT_EQ(usage.addresses.size(), addresses_a_day_max);
  EXPECT_EQ(usage.clients.size(), clients_a_day_max + 1);
  EXPECT_EQ(std::ranges::count(usage.clients, other_client), 1);
}

TEST(UsageSlot, ThreadsLoseNothing) {
  constexpr unsigned threads = 4, rounds = 5'000, addresses = 40;
  UsageSlot slot;
  std::vector<std::jthread> counting;
  for (unsigned thread = 0; thread < threads; ++thread)
    counting.emplace_back([&slot, thread] {
      for (unsigned i = 0; i < rounds; ++i) count(slot, (i + thread) % addresses, i % 2 == 0 ? "curl/8.1" : "wget/1.2");
    });
  std::uint64_t uses = 0;
  std::vector<IpAddress> seen;
  const auto take = [&] {
    const KeyUsage usage = taken(slot);
    uses += usage.uses;
    seen.insert(seen.end(), usage.addresses.begin(), usage.addresses.end());
  };
  for (int i = 0; i < 100; ++i) take();
  counting.clear();
  take();
  EXPECT_EQ(uses, std::uint64_t{threads} * rounds);
  std::ranges::sort(seen);
  EXPECT_EQ(seen.size(), addresses) << "each is told once";
  EXPECT_TRUE(std::ranges::adjacent_find(seen) == seen.end());
}

}  // namespace
}  // namespace packyard
