#include "tests/conformance/key_store_suite.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

namespace packyard {

bool operator==(const KeyRecord& left, const KeyRecord& right) {
  return left.id == right.id && left.digest == right.digest && left.pepper_id == right.pepper_id &&
         left.component == right.component && left.label == right.label && left.created_at == right.created_at &&
         left.expires_at == right.expires_at && left.revoked_at == right.revoked_at && left.last_used_at == right.last_used_at &&
         left.use_count == right.use_count;
}

KeyRecord sample_key_record(int number) {
  return KeyRecord{.id = KeyId{"key_000000000000000" + std::to_string(number)},
                   .digest = sha256("key " + std::to_string(number)),
                   .pepper_id = "0badcafe",
                   .component = ComponentName::parse(number % 2 == 0 ? "core" : "core-extra").value(),
                   .label = "Müller & Söhne \"" + std::to_string(number) + "\"",
                   .created_at = Timestamp{1'800'000'000 - number},
                   .expires_at = Timestamp{1'900'000'000},
                   .revoked_at = std::nullopt,
                   .last_used_at = std::nullopt,
                   .use_count = 0};
}

namespace {

std::set<std::string> ids_of(const std::vector<KeyRecord>& records) {
  std::set<std::string> ids;
  for (const KeyRecord& record : records) ids.insert(record.id.text);
  return ids;
}

TEST_P(KeyStoreSuite, StartsEmpty) {
  EXPECT_TRUE(store_->list()->empty());
  EXPECT_EQ(store_->find(KeyId{"key_absent"}).value(), std::nullopt);
  EXPECT_TRUE(store_->pepper_ids()->empty());
  EXPECT_TRUE(store_->changes_since(0)->changed.empty());
  EXPECT_EQ(store_->changes_since(0)->generation, store_->generation().value());
}

TEST_P(KeyStoreSuite, GivesBackWhatWasStored) {
  KeyRecord full = sample_key_record(1);
  full.revoked_at = Timestamp{1'850'000'000};
  full.last_used_at = Timestamp{1'840'000'000};
  full.use_count = 1ull << 40;
  full.digest.bytes.fill(0);
  full.digest.bytes[5] = 0xFF;
  KeyRecord bare = sample_key_record(2);
  bare.expires_at = std::nullopt;
  ASSERT_TRUE(store_->insert(full));
  ASSERT_TRUE(store_->insert(bare));
  EXPECT_EQ(store_->find(full.id).value(), full);
  EXPECT_EQ(store_->find(bare.id).value(), bare);
}

TEST_P(KeyStoreSuite, ListsByCreationThenId) {
  KeyRecord same_second = sample_key_record(3);
  same_second.created_at = sample_key_record(1).created_at;
  for (const KeyRecord& record : {same_second, sample_key_record(1), sample_key_record(2)}) ASSERT_TRUE(store_->insert(record));
  const auto listed = store_->list();
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ((*listed)[0].id, sample_key_record(2).id);
  EXPECT_EQ((*listed)[1].id, sample_key_record(1).id);
  EXPECT_EQ((*listed)[2].id, same_second.id);
}

TEST_P(KeyStoreSuite, RefusesASecondRowWithTheSameIdOrDigest) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  KeyRecord same_id = sample_key_record(2);
  same_id.id = sample_key_record(1).id;
  KeyRecord same_digest = sample_key_record(2);
  same_digest.digest = sample_key_record(1).digest;
  EXPECT_EQ(store_->insert(same_id).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->insert(same_digest).error().code, ErrorCode::conflict);
  EXPECT_EQ(store_->list()->size(), 1u);
  EXPECT_EQ(store_->generation().value(), before);
  EXPECT_TRUE(store_->insert(sample_key_record(2)));
}

TEST_P(KeyStoreSuite, RevokingKeepsTheRowAndTheFirstTime) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const auto revoked = store_->revoke(sample_key_record(1).id, Timestamp{1'810'000'000});
  ASSERT_TRUE(revoked && *revoked);
  EXPECT_EQ((*revoked)->revoked_at, Timestamp{1'810'000'000});
  const std::uint64_t after = store_->generation().value();
  const auto again = store_->revoke(sample_key_record(1).id, Timestamp{1'820'000'000});
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->revoked_at, Timestamp{1'810'000'000});
  EXPECT_EQ(store_->generation().value(), after);
  EXPECT_EQ(store_->list()->size(), 1u);
  EXPECT_EQ(store_->find(sample_key_record(1).id).value(), **revoked);
}

TEST_P(KeyStoreSuite, RevokingAnAbsentKeyIsNotAnError) {
  const std::uint64_t before = store_->generation().value();
  EXPECT_EQ(store_->revoke(KeyId{"key_absent"}, Timestamp{1}).value(), std::nullopt);
  EXPECT_EQ(store_->generation().value(), before);
}

TEST_P(KeyStoreSuite, FollowersSeeEveryChangeOnce) {
  const std::uint64_t start = store_->generation().value();
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  ASSERT_TRUE(store_->insert(sample_key_record(2)));
  const auto first = store_->changes_since(start);
  EXPECT_GT(first->generation, start);
  EXPECT_EQ(ids_of(first->changed), (std::set{sample_key_record(1).id.text, sample_key_record(2).id.text}));
  EXPECT_TRUE(store_->changes_since(first->generation)->changed.empty());

  ASSERT_TRUE(store_->revoke(sample_key_record(2).id, Timestamp{1'810'000'000}));
  const auto second = store_->changes_since(first->generation);
  EXPECT_GT(second->generation, first->generation);
  ASSERT_EQ(second->changed.size(), 1u);
  EXPECT_EQ(second->changed[0].id, sample_key_record(2).id);
  EXPECT_TRUE(second->changed[0].revoked_at);
  EXPECT_EQ(store_->changes_since(start)->changed.size(), 2u);
  EXPECT_TRUE(store_->changes_since(second->generation + 1000)->changed.empty());
}

TEST_P(KeyStoreSuite, UsageAddsUpWithoutBeingAChange) {
  ASSERT_TRUE(store_->insert(sample_key_record(1)));
  const std::uint64_t before = store_->generation().value();
  ASSERT_TRUE(store_->add_usage({}));
  ASSERT_TRUE(store_->add_usage({{sample_key_record(1).id, 3, Timestamp{2000}}, {KeyId{"key_absent"}, 1, Timestamp{2000}}}));
  ASSERT_TRUE(store_->add_usage({{sample_key_record(1).id, 2, Timestamp{1000}}}));  // a slower gate, told later
  const auto found = store_->find(sample_key_record(1).id);
  EXPECT_EQ((*found)->use_count, 5u);
  EXPECT_EQ((*found)->last_used_at, Timestamp{2000});
  EXPECT_EQ(store_->generation().value(), before);
  EXPECT_EQ(store_->list()->size(), 1u);
}

TEST_P(KeyStoreSuite, NamesEachPepperOnce) {
  KeyRecord other = sample_key_record(3);
  other.pepper_id = "12345678";
  for (const KeyRecord& record : {sample_key_record(1), sample_key_record(2), other}) ASSERT_TRUE(store_->insert(record));
  EXPECT_EQ(store_->pepper_ids().value(), (std::vector<std::string>{"0badcafe", "12345678"}));
}

// A follower that goes on from each generation it was told misses no row, whatever runs beside it.
TEST_P(KeyStoreSuite, ThreadsMayShareIt) {
  constexpr int rows = 200;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::thread writer([&] {
    for (int i = 0; i < rows; ++i) {
      KeyRecord record = sample_key_record(1);
      record.id.text = "key_" + std::to_string(i);
      record.digest = sha256(record.id.text);
      if (!store_->insert(record) || !store_->revoke(record.id, Timestamp{1'810'000'000})) ++failures;
      if (!store_->add_usage({{record.id, 1, Timestamp{1}}})) ++failures;
    }
    done = true;
  });
  std::set<std::string> seen;
  std::set<std::string> revoked;
  std::uint64_t generation = 0;
  bool last_round = false;
  while (!last_round) {
    last_round = done;
    const auto changes = store_->changes_since(generation);
    ASSERT_TRUE(changes);
    generation = changes->generation;
    for (const KeyRecord& record : changes->changed) {
      seen.insert(record.id.text);
      if (record.revoked_at) revoked.insert(record.id.text);
    }
  }
  writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(rows));
  EXPECT_EQ(revoked, seen);
}

}  // namespace
}  // namespace packyard
