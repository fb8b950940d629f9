#include "auth/key_index.h"

#include <gtest/gtest.h>

#include <thread>

namespace packyard {
namespace {

KeyRecord record_of(int number, std::optional<Timestamp> revoked_at = {}) {
  return {.id = KeyId{"key_" + std::to_string(number)},
          .digest = sha256(std::to_string(number)),
          .pepper_id = "pepper",
          .scope = KeyScope::of(ComponentName::parse("core").value()),
          .label = "label",
          .created_at = Timestamp{1},
          .revoked_at = revoked_at};
}

const KeyEntry* find(KeyIndex& index, int number) { return KeyIndex::Reading(index).find(sha256(std::to_string(number))); }

TEST(KeyIndex, FindsOnlyWhatWasPut) {
  UsageRecorder usage;
  KeyIndex index(usage);
  EXPECT_EQ(find(index, 1), nullptr);
  std::vector<KeyRecord> many;
  for (int i = 0; i < 1000; ++i) many.push_back(record_of(i));
  index.apply(many);
  EXPECT_EQ(index.size(), 1000u);
  for (int i = 0; i < 1000; ++i) ASSERT_NE(find(index, i), nullptr) << i;
  EXPECT_EQ(find(index, 1000), nullptr);
}

TEST(KeyIndex, ReplacesSinglyAndKeepsTheUsageSlot) {
  UsageRecorder usage;
  KeyIndex index(usage);
  index.apply({record_of(1), record_of(2)});
  const UsageSlot* slot = find(index, 1)->usage;
  index.apply({record_of(1, Timestamp{5})});
  EXPECT_TRUE(find(index, 1)->is_revoked);
  EXPECT_FALSE(find(index, 2)->is_revoked);
  EXPECT_EQ(find(index, 1)->scope, find(index, 2)->scope);
  EXPECT_EQ(find(index, 1)->usage, slot);
  index.replace_all({record_of(1)});
  EXPECT_EQ(find(index, 1)->usage, slot);
  EXPECT_EQ(find(index, 2), nullptr);
  EXPECT_EQ(index.size(), 1u);
}

TEST(KeyIndex, TimesThatAreAbsentNeverMatter) {
  UsageRecorder usage;
  KeyIndex index(usage);
  KeyRecord timed = record_of(2);
  timed.not_before = Timestamp{50};
  timed.expires_at = Timestamp{100};
  timed.grace = std::chrono::seconds(7);
  index.apply({record_of(1), timed});
  EXPECT_FALSE(find(index, 1)->is_timed);
  EXPECT_LT(find(index, 1)->opens_at, Timestamp{0});
  EXPECT_GT(find(index, 1)->expires_at, Timestamp{1ll << 60});
  EXPECT_TRUE(find(index, 2)->is_timed);
  EXPECT_EQ(find(index, 2)->opens_at, Timestamp{50});
  EXPECT_EQ(find(index, 2)->expires_at, Timestamp{100});
  EXPECT_EQ(find(index, 2)->ends_at, Timestamp{107});
}

KeyRecord rotated(int number, int round) {
  KeyRecord record = record_of(number);
  const auto secret = [&](int at) { return sha256(std::to_string(number) + " " + std::to_string(at)); };
  record.digest = secret(round);
  if (round > 0) record.former_secrets.push_back({secret(round - 1), "pepper", Timestamp{round}});
  return record;
}

TEST(KeyIndex, ARotatedKeyIsFoundByBothSecretsAndNoOlderOne) {
  UsageRecorder usage;
  KeyIndex index(usage);
  const auto find_secret = [&](int number, int round) {
    return KeyIndex::Reading(index).find(sha256(std::to_string(number) + " " + std::to_string(round)));
  };
  for (int round = 0; round < 500; ++round)
    for (int number = 0; number < 5; ++number) {
      index.apply({rotated(number, round)});
      ASSERT_NE(find_secret(number, round), nullptr) << round;
      EXPECT_FALSE(find_secret(number, round)->is_timed);
      if (round == 0) continue;
      ASSERT_NE(find_secret(number, round - 1), nullptr) << round;
      EXPECT_EQ(find_secret(number, round - 1)->replaced_at, Timestamp{round});
      EXPECT_TRUE(find_secret(number, round - 1)->is_timed);
      EXPECT_EQ(find_secret(number, round - 1)->usage, find_secret(number, round)->usage);
      EXPECT_EQ(find_secret(number, round - 2), nullptr) << round;
    }
  EXPECT_EQ(index.size(), 5u);
  index.replace_all({rotated(1, 7)});
  EXPECT_NE(find_secret(1, 7), nullptr);
  EXPECT_NE(find_secret(1, 6), nullptr);
  EXPECT_EQ(find_secret(1, 499), nullptr);
  // Back to a secret it had before, as a restored backup may say.
  index.apply({rotated(1, 6)});
  EXPECT_NE(find_secret(1, 6), nullptr);
  EXPECT_EQ(find_secret(1, 7), nullptr);
}

TEST(KeyIndex, ReadersSeeOldOrNewWhileTheWriterReplaces) {
  UsageRecorder usage;
  KeyIndex index(usage);
  for (int i = 0; i < 10; ++i) index.apply({record_of(i)});
  std::atomic<bool> stop{false};
  std::atomic<int> misses{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader)
    readers.emplace_back([&] {
      for (int i = 0; !stop; i = (i + 1) % 10) {
        const KeyIndex::Reading reading(index);
        const KeyEntry* entry = reading.find(sha256(std::to_string(i)));
        if (entry == nullptr || entry->id.text != "key_" + std::to_string(i)) ++misses;
      }
    });
  for (int round = 0; round < 300; ++round) index.apply({record_of(round % 10, Timestamp{round}), record_of(1000 + round)});
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(misses, 0);
  EXPECT_EQ(index.size(), 310u);
}

}  // namespace
}  // namespace packyard
