#include "auth/usage_recorder.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace packyard
