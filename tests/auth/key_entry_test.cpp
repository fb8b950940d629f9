#include "auth/key_entry.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(KeyEntry, EverySecretOfAKeyHasOne) {
  KeyRecord record{.id = KeyId{"key_1"},
                   .digest = sha256("now"),
                   .pepper_id = "pepper",
                   .scope = KeyScope::of(ComponentName::parse("core").value()),
                   .label = "x",
                   .created_at = Timestamp{1},
                   .suspended_at = Timestamp{2},
                   .former_secrets = {{sha256("before"), "pepper", Timestamp{30}}}};
  const auto scope = std::make_shared<const KeyScope>(record.scope);
  UsageSlot usage;
  const auto entries = key_entries_of(record, scope, &usage);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].digest, sha256("now"));
  EXPECT_FALSE(entries[0].is_timed);
  EXPECT_EQ(entries[1].digest, sha256("before"));
  EXPECT_TRUE(entries[1].is_timed);
  EXPECT_EQ(entries[1].replaced_at, Timestamp{30});
  for (const KeyEntry& entry : entries) {
    EXPECT_EQ(entry.scope, scope);
    EXPECT_EQ(entry.usage, &usage);
    EXPECT_TRUE(entry.is_suspended);
    EXPECT_FALSE(entry.is_revoked);
  }
}

}  // namespace
}  // namespace packyard
