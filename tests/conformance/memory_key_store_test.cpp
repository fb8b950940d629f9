#include "tests/support/memory_key_store.h"

#include "tests/conformance/key_store_suite.h"

namespace packyard {
namespace {

INSTANTIATE_TEST_SUITE_P(Memory, KeyStoreSuite, testing::Values([] { return std::make_unique<MemoryKeyStore>(); }));

TEST(MemoryKeyStore, FailsWhenTold) {
  MemoryKeyStore store;
  store.fail_with(Error{ErrorCode::unavailable, "full"});
  EXPECT_FALSE(store.insert(sample_key_record(1)));
  EXPECT_FALSE(store.list());
  EXPECT_FALSE(store.changes_since(0));
  store.fail_with(std::nullopt);
  EXPECT_TRUE(store.list()->empty());
}

}  // namespace
}  // namespace packyard
