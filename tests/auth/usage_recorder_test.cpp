#include "auth/usage_recorder.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>

#include "tests/support/memory_key_store.h"

namespace packyard {
namespace {

KeyRecord record_of(const KeyId& id) {
  return {.id = id,
          .digest = sha256(id.text),
          .pepper_id = "pepper",
          .scope = KeyScope::of(ComponentName::parse("core").value()),
          .label = "label",
          .created_at = Timestamp{1}};
}

TEST(UsageRecorder, FlushesWhatWasCountedOnce) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  UsageRecorder recorder;
  recorder.slot_for(id).count();
  recorder.slot_for(id).count();
  ASSERT_TRUE(recorder.flush(store, Timestamp{100}));
  ASSERT_TRUE(recorder.flush(store, Timestamp{200}));
  const KeyRecord kept = store.find(id).value().value();
  EXPECT_EQ(kept.use_count, 2u);
  EXPECT_EQ(kept.last_used_at, Timestamp{100});
}

TEST(UsageRecorder, AFailedFlushKeepsTheCounts) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  UsageRecorder recorder;
  recorder.slot_for(id).count();
  store.fail_with(Error{ErrorCode::unavailable, "disk full"});
  EXPECT_FALSE(recorder.flush(store, Timestamp{100}));
  store.fail_with({});
  recorder.slot_for(id).count();
  ASSERT_TRUE(recorder.flush(store, Timestamp{101}));
  EXPECT_EQ(store.find(id).value()->use_count, 2u);
}

constexpr Timestamp midnight{20'000 * day_seconds};
IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

TEST(UsageRecorder, WhatWasCountedBeforeMidnightIsOfTheDayBefore) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  UsageRecorder recorder;
  const KnownClient client(address("203.0.113.7"));
  const auto count = [&] { recorder.slot_for(id).count(&client, "curl/8.1"); };
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds - 3}));
  count();
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds + 1}));
  count();
  count();
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds + 3}));
  const auto days = store.usage_of(id, {})->days;
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].day, UtcDay{19'999});
  EXPECT_EQ(days[0].requests, 1u);
  EXPECT_EQ(days[0].last_at, Timestamp{midnight.seconds - 1});
  EXPECT_EQ(days[1].requests, 2u);
  EXPECT_EQ(days[1].first_at, Timestamp{midnight.seconds + 3});
  for (const UsageDay& day : days) {
    EXPECT_EQ(day.addresses, 1u);
    EXPECT_EQ(day.clients, std::vector<std::string>{"curl/8.1"});
  }
}

TEST(UsageRecorder, WhatCouldNotBeWrittenKeepsItsDayAndItsSets) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  UsageRecorder recorder;
  const KnownClient one(address("203.0.113.7")), other(address("2001:db8::1"));
  store.fail_with(Error{ErrorCode::unavailable, "disk full"});
  recorder.slot_for(id).count(&one, "curl/8.1");
  EXPECT_FALSE(recorder.flush(store, Timestamp{midnight.seconds - 9}));
  recorder.slot_for(id).count(&one, "curl/8.1");
  recorder.slot_for(id).count(&other, "wget/1.2");
  recorder.slot_for(id).count_denied();
  EXPECT_FALSE(recorder.flush(store, Timestamp{midnight.seconds - 5}));
  recorder.slot_for(id).count(&one, "curl/8.1");
  EXPECT_FALSE(recorder.flush(store, Timestamp{midnight.seconds + 5}));
  recorder.slot_for(id).count(&one, "curl/8.1");
  store.fail_with({});
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds + 7}));
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds + 9}));
  const auto days = store.usage_of(id, {})->days;
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].requests, 4u);
  EXPECT_EQ(days[0].denied, 1u);
  EXPECT_EQ(days[0].addresses, 2u);
  EXPECT_EQ(days[0].clients, (std::vector<std::string>{"curl/8.1", "wget/1.2"}));
  EXPECT_EQ(days[1].requests, 1u);
  EXPECT_EQ(days[1].addresses, 1u);
}

TEST(UsageRecorder, TwoGatesAddUp) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  UsageRecorder first, second;
  const KnownClient one(address("203.0.113.7")), other(address("203.0.113.8"));
  first.slot_for(id).count(&one, "curl/8.1");
  second.slot_for(id).count(&one, "curl/8.1");
  second.slot_for(id).count(&other, "wget/1.2");
  ASSERT_TRUE(first.flush(store, midnight));
  ASSERT_TRUE(second.flush(store, midnight));
  const UsageDay day = store.usage_of(id, {})->days.at(0);
  EXPECT_EQ(day.requests, 3u);
  EXPECT_EQ(day.addresses, 2u);
  EXPECT_EQ(day.clients.size(), 2u);
}

TEST(UsageRecorder, OldDaysGoWhenADayBegins) {
  MemoryKeyStore store;
  const KeyId id{"key_a"};
  ASSERT_TRUE(store.insert(record_of(id)));
  ASSERT_TRUE(store.add_usage({{id, 1, Timestamp{midnight.seconds - usage_days_max * day_seconds}}}));
  UsageRecorder recorder;
  ASSERT_TRUE(recorder.flush(store, midnight));
  EXPECT_EQ(store.usage_of(id, {})->days.size(), 1u);
  ASSERT_TRUE(recorder.flush(store, Timestamp{midnight.seconds + day_seconds}));
  EXPECT_TRUE(store.usage_of(id, {})->days.empty());
}

// Three gates that ask, write and are killed as it comes: each knows what was written when it last wrote, and its own since. So a limit
// is overrun by no more than what the others have passed and this one could not have heard of.
TEST(UsageRecorder, GatesKnowWhatWasWrittenWhenTheyLastWrote) {
  struct Gate {
    std::unique_ptr<UsageRecorder> recorder = std::make_unique<UsageRecorder>();
    std::uint64_t known = 0, own = 0;
  };
  constexpr std::uint64_t limit = 40;
  const KeyId id{"key_a"};
  std::mt19937_64 random(1);
  for (int sequence = 0; sequence < 200; ++sequence) {
    MemoryKeyStore store;
    KeyRecord record = record_of(id);
    record.limits.requests_per_day = limit;
    ASSERT_TRUE(store.insert(record));
    std::array<Gate, 3> gates;
    std::uint64_t written = 0, passed = 0, lost = 0;
    for (int step = 0; step < 300; ++step) {
      Gate& gate = gates[random() % gates.size()];
      const unsigned kind = static_cast<unsigned>(random() % 20);
      if (kind == 0) {  // killed, and started again
        lost += gate.own;
        gate = Gate();
      }
      if (kind <= 2) {
        ASSERT_TRUE(gate.recorder->flush(store, midnight));
        written += gate.own;
        gate.known = written;
        gate.own = 0;
        continue;
      }
      const bool refused = gate.recorder->slot_for(id).count_within(record.limits, midnight, nullptr, {}).has_value();
      ASSERT_EQ(refused, gate.known + gate.own >= limit) << "sequence " << sequence << ", step " << step;
      if (refused) continue;
      ++gate.own;
      ++passed;
    }
    for (Gate& gate : gates) ASSERT_TRUE(gate.recorder->flush(store, midnight));
    EXPECT_EQ(store.find(id).value()->use_count, passed - lost);
  }
}

}  // namespace
}  // namespace packyard
