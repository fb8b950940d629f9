#include "auth/usage_slot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace packyard {
namespace {

IpAddress address_of(unsigned number) {
  return IpAddress::parse("10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256)).value();
}

constexpr UtcDay day{20'000};
constexpr Timestamp noon{day.number * day_seconds + 12 * 3600};

bool has_something(UsageSlot& slot) {
  std::vector<KeyUsage> usage;
  slot.take(day, noon, usage);
  return !usage.empty();
}

KeyUsage taken(UsageSlot& slot) {
  std::vector<KeyUsage> all;
  slot.take(day, noon, all);
  if (all.empty()) return {};
  EXPECT_EQ(all.size(), 1u);
  KeyUsage usage = all.front();
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
  EXPECT_FALSE(has_something(slot));
  for (int i = 0; i < 3; ++i) count(slot, 1, "curl/8.1");
  count(slot, 2, "curl/8.1");
  slot.count_denied();
  const KeyUsage first = taken(slot);
  EXPECT_EQ(first.uses, 4u);
  EXPECT_EQ(first.denied, 1u);
  EXPECT_EQ(first.addresses, (std::vector{address_of(1), address_of(2)}));
  EXPECT_EQ(first.clients, std::vector<std::string>{"curl/8.1"});
  EXPECT_FALSE(has_something(slot));
  count(slot, 1, "curl/8.1");
  count(slot, 3, "wget/1.2");
  const KeyUsage second = taken(slot);
  EXPECT_EQ(second.uses, 2u);
  EXPECT_EQ(second.addresses, std::vector{address_of(3)});
  EXPECT_EQ(second.clients, std::vector<std::string>{"wget/1.2"});
  slot.begin_day(day.before(-1));
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

std::optional<ReachedLimit> ask(UsageSlot& slot, const KeyLimits& limits, Timestamp now, unsigned address = 1) {
  const KnownClient client(address_of(address));
  return slot.count_within(limits, now, &client, "curl/8.1");
}

TEST(UsageSlot, ALimitOfRequestsHoldsUntilMidnight) {
  UsageSlot slot;
  const KeyLimits limits{.requests_per_day = 3};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(ask(slot, limits, noon));
  const auto reached = ask(slot, limits, noon);
  EXPECT_EQ(reached, (ReachedLimit{LimitKind::requests_per_day, 3, 12 * 3600}));
  const KeyUsage usage = taken(slot);
  EXPECT_EQ(usage.uses, 3u);
  EXPECT_EQ(usage.denied, 1u);
  EXPECT_TRUE(ask(slot, limits, day.last_second())) << "what was taken still counts";
  EXPECT_FALSE(ask(slot, limits, day.before(-1).start()));
}

TEST(UsageSlot, ALimitGoesByWhatAllGatesHaveWritten) {
  UsageSlot slot;
  const KeyLimits limits{.requests_per_day = 10};
  slot.learn(day, 8);
  EXPECT_FALSE(ask(slot, limits, noon));
  EXPECT_FALSE(ask(slot, limits, noon));
  EXPECT_TRUE(ask(slot, limits, noon));
  taken(slot);
  EXPECT_TRUE(ask(slot, limits, noon));
  slot.learn(day, 9);  // what was taken is part of it
  EXPECT_FALSE(ask(slot, limits, noon));
  EXPECT_TRUE(ask(slot, limits, noon));
  slot.learn(day.before(1), 100);
  EXPECT_TRUE(ask(slot, limits, noon)) << "yesterday, heard late, changes nothing";
  EXPECT_FALSE(ask(slot, {.requests_per_day = 11}, noon));
}

TEST(UsageSlot, ALimitOfAddressesLetsThoseOfTheDayGoOn) {
  UsageSlot slot;
  const KeyLimits limits{.addresses_per_day = 2};
  slot.learn(day, std::vector{address_of(1)});
  EXPECT_EQ(slot.addresses_known(day), 1u);
  EXPECT_FALSE(ask(slot, limits, noon, 2));
  EXPECT_EQ(ask(slot, limits, noon, 3), (ReachedLimit{LimitKind::addresses_per_day, 2, 12 * 3600}));
  EXPECT_FALSE(ask(slot, limits, noon, 1));
  EXPECT_FALSE(slot.count_within(limits, noon, nullptr, {})) << "what cannot be known is not held against it";
  EXPECT_EQ(taken(slot).addresses, std::vector{address_of(2)}) << "what was learned is known already, what was denied is no use";
  EXPECT_FALSE(ask(slot, limits, day.before(-1).start(), 3));
  EXPECT_EQ(slot.addresses_known(day), 0u);
}

TEST(UsageSlot, WhatALimitDatedKeepsItsDay) {
  UsageSlot slot;
  const KeyLimits limits{.requests_per_day = 10};
  const UtcDay next = day.before(-1);
  ask(slot, limits, noon);
  ask(slot, limits, noon);
  ask(slot, limits, next.start());
  std::vector<KeyUsage> all;
  slot.take(day, next.start(), all);  // the recorder has not met midnight yet
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].uses, 2u);
  EXPECT_EQ(all[0].last_used_at, day.last_second());
  EXPECT_EQ(all[1].uses, 1u);
  EXPECT_EQ(all[1].last_used_at, next.start());
  EXPECT_EQ(all[1].addresses.size(), 1u);
  slot.begin_day(next);
  EXPECT_TRUE(ask(slot, {.requests_per_day = 1}, next.start())) << "the day had begun at the request";
  slot.begin_day(next.before(-1));
  EXPECT_FALSE(ask(slot, {.requests_per_day = 1}, next.before(-1).start()));
}

TEST(UsageSlot, ALimitIsExactHoweverManyThreadsAsk) {
  constexpr unsigned threads = 4, rounds = 2'000, limit = 3'000;
  UsageSlot slot;
  std::atomic<unsigned> passed = 0;
  std::uint64_t uses = 0;
  {
    std::vector<std::jthread> asking;
    for (unsigned thread = 0; thread < threads; ++thread)
      asking.emplace_back([&, thread] {
        for (unsigned i = 0; i < rounds; ++i)
          if (!ask(slot, {.requests_per_day = limit}, noon, thread)) ++passed;
      });
    for (int i = 0; i < 50; ++i) uses += taken(slot).uses;
  }
  uses += taken(slot).uses;
  EXPECT_EQ(passed, limit);
  EXPECT_EQ(uses, limit);
}

}  // namespace
}  // namespace packyard
