#include "auth/key_index.h"

#include <gtest/gtest.h>

#include <thread>

namespace packyard {
namespace {

KeyRecord record_of(int number, std::optional<Timestamp> revoked_at = {}) {
  return {KeyId{"key_" + std::to_string(number)},
          sha256(std::to_string(number)),
          "pepper",
          ComponentName::parse("core").value(),
          "label",
          Timestamp{1},
          {},
          revoked_at,
          {},
          0};
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
  EXPECT_EQ(find(index, 1)->revoked_at, Timestamp{5});
  EXPECT_FALSE(find(index, 2)->revoked_at);
  EXPECT_EQ(find(index, 1)->usage, slot);
  index.replace_all({record_of(1)});
  EXPECT_EQ(find(index, 1)->usage, slot);
  EXPECT_EQ(find(index, 2), nullptr);
  EXPECT_EQ(index.size(), 1u);
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
