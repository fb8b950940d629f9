// The part of the KeyStore suite about how keys were used, by day.
#include "tests/conformance/key_store_suite.h"

#include <set>

namespace packyard {
namespace {

constexpr Timestamp noon{1'800'014'400};  // 2027-01-15T12:00:00Z
IpAddress address_of(unsigned number) {
  return IpAddress::parse("10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256)).value();
}

TEST_P(KeyStoreSuite, UsageIsKeptByDay) {
  const KeyId id = sample_key_record(1).id;
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  const Timestamp later{noon.seconds + 60}, next_day{noon.seconds + day_seconds};
  ASSERT_TRUE(store_->add_usage({{id, 3, later, 1, {address_of(1), address_of(2)}, {"curl/8.1", "APT-HTTP/1.3 (2.6.1)"}},
                                 {KeyId{"key_absent"}, 1, later, 0, {address_of(1)}, {"x"}}}));
  // Another gate, which tells of an earlier moment later.
  ASSERT_TRUE(store_->add_usage({{id, 2, noon, 4, {address_of(2), address_of(3)}, {"curl/8.1", "docker/24.0"}}, {id, 1, next_day}}));
  const UtcDay day = UtcDay::of(noon);
  const UsageDay first{.day = day,
                       .requests = 5,
                       .denied = 5,
                       .first_at = noon,
                       .last_at = later,
                       .addresses = 3,
                       .clients = {"APT-HTTP/1.3 (2.6.1)", "curl/8.1", "docker/24.0"}};
  const UsageDay second{.day = UtcDay::of(next_day), .requests = 1, .first_at = next_day, .last_at = next_day};
  EXPECT_EQ(store_->usage_of(id, {})->days, (std::vector{first, second}));
  EXPECT_EQ(store_->find(id).value()->use_count, 6u);
  EXPECT_TRUE(store_->usage_of(sample_key_record(2).id, {})->days.empty());
  EXPECT_TRUE(store_->usage_of(KeyId{"key_absent"}, {})->days.empty());
}

TEST_P(KeyStoreSuite, ADenialIsNoUse) {
  const KeyId id = sample_key_record(1).id;
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  ASSERT_TRUE(store_->add_usage({{id, 0, noon, 2}}));
  EXPECT_EQ(store_->usage_of(id, {})->days, (std::vector{UsageDay{.day = UtcDay::of(noon), .denied = 2}}));
  EXPECT_EQ(store_->find(id).value(), sample_key_record(1));
  ASSERT_TRUE(store_->add_usage({{id, 1, Timestamp{noon.seconds + 5}, 0}}));
  ASSERT_TRUE(store_->add_usage({{id, 0, Timestamp{noon.seconds + 9}, 1}}));
  const UsageDay day = store_->usage_of(id, {})->days.at(0);
  EXPECT_EQ(day.first_at, Timestamp{noon.seconds + 5});
  EXPECT_EQ(day.last_at, Timestamp{noon.seconds + 5});
  EXPECT_EQ(day.denied, 3u);
}

TEST_P(KeyStoreSuite, SetsOfADayAreBounded) {
  const KeyId id = sample_key_record(1).id;
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  for (unsigned gate = 0; gate < 2; ++gate) {
    KeyUsage usage{.id = id, .uses = 1, .last_used_at = noon};
    for (unsigned i = 0; i < 200; ++i) usage.addresses.push_back(address_of(gate * 150 + i));
    for (unsigned i = 0; i < 12; ++i) usage.clients.push_back("client/" + std::to_string(gate * 8 + i));
    ASSERT_TRUE(store_->add_usage({usage}));
    EXPECT_EQ(store_->usage_of(id, {})->days.at(0).addresses, gate == 0 ? 200u : addresses_a_day_max);
  }
  const UsageDay day = store_->usage_of(id, {})->days.at(0);
  ASSERT_EQ(day.clients.size(), clients_a_day_max + 1);
  EXPECT_EQ(day.clients.back(), other_client);
}

TEST_P(KeyStoreSuite, UsageComesInPages) {
  const KeyId id = sample_key_record(1).id;
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  for (std::int64_t i = 0; i < 5; ++i) ASSERT_TRUE(store_->add_usage({{id, 1, Timestamp{noon.seconds + i * day_seconds}}}));
  const UtcDay start = UtcDay::of(noon);
  const auto days = [&](const UsageQuery& query) {
    std::vector<std::int64_t> numbers;
    const auto page = store_->usage_of(id, query);
    for (const UsageDay& day : page->days) numbers.push_back(day.day.number - start.number);
    return numbers;
  };
  using Days = std::vector<std::int64_t>;
  EXPECT_EQ(days({}), (Days{0, 1, 2, 3, 4}));
  EXPECT_EQ(days({.from = start.before(-1), .to = start.before(-3)}), (Days{1, 2, 3}));
  EXPECT_EQ(days({.from = start.before(-4), .to = start}), Days{});
  UsageQuery query{.from = start.before(-1), .limit = 2};
  EXPECT_EQ(days(query), (Days{1, 2}));
  query.after = store_->usage_of(id, query)->next;
  ASSERT_TRUE(query.after);
  EXPECT_EQ(days(query), (Days{3, 4}));
  EXPECT_FALSE(store_->usage_of(id, query)->next);
}

TEST_P(KeyStoreSuite, LimitsAreKeptAndTheirKeysAreFound) {
  KeyRecord limited = sample_key_record(1);
  limited.limits = {.requests_per_day = 1ull << 40, .addresses_per_day = 7};
  ASSERT_TRUE(store_->insert(limited));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  EXPECT_EQ(store_->find(limited.id).value(), limited);
  const UtcDay today = UtcDay::of(noon);
  EXPECT_TRUE(store_->limited_use_on(today)->empty());
  EXPECT_EQ(store_->use_on(limited.id, today)->requests, 0u);
  ASSERT_TRUE(store_->add_usage({{limited.id, 3, noon, 1, {address_of(1), address_of(2)}}, {sample_key_record(2).id, 4, noon}}));
  auto found = store_->limited_use_on(today);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().id, limited.id);
  EXPECT_EQ(found->front().requests, 3u);
  EXPECT_EQ(found->front().addresses, 2u);
  const auto use = store_->use_on(limited.id, today);
  EXPECT_EQ(use->requests, 3u);
  EXPECT_EQ(std::set(use->addresses.begin(), use->addresses.end()), (std::set{address_of(1), address_of(2)}));
  EXPECT_TRUE(store_->limited_use_on(today.before(1))->empty());
  EXPECT_TRUE(store_->use_on(limited.id, today.before(1))->addresses.empty());
  EXPECT_EQ(store_->use_on(KeyId{"key_absent"}, today)->requests, 0u);
  ASSERT_TRUE(store_->edit(limited.id, [](KeyRecord& record) { record.limits.requests_per_day.reset(); }));
  EXPECT_EQ(store_->limited_use_on(today)->size(), 1u);
  ASSERT_TRUE(store_->edit(limited.id, [](KeyRecord& record) { record.limits = {}; }));
  EXPECT_TRUE(store_->limited_use_on(today)->empty());
  EXPECT_EQ(store_->changes_since(0)->changed.size(), 2u);
}

TEST_P(KeyStoreSuite, OldUsageIsForgotten) {
  const KeyId id = sample_key_record(1).id;
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const UtcDay today = UtcDay::of(noon);
  for (const std::int64_t age : {usage_days_max + 1, usage_days_max, address_days_max + 1, std::int64_t{0}})
    ASSERT_TRUE(store_->add_usage({{id, 1, Timestamp{noon.seconds - age * day_seconds}, 0, {address_of(1)}}}));
  ASSERT_TRUE(store_->forget_old_usage(today));
  ASSERT_TRUE(store_->forget_old_usage(today));
  const auto days = store_->usage_of(id, {})->days;
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days.front().day, today.before(usage_days_max));
  for (const UsageDay& day : days) EXPECT_EQ(day.addresses, 1u) << "the number stays when the address goes";
  EXPECT_EQ(store_->find(id).value()->use_count, 4u);
}

}  // namespace
}  // namespace packyard
