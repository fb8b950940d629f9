#include "auth/index_follower.h"

#include "tests/auth/gate_fixture.h"
#include "tests/support/forwarding_key_store.h"

namespace packyard {
namespace {

using IndexFollowerTest = GateFixture;

KeyRecord record_named(const std::string& name) {
  return {.id = KeyId{"key_" + name},
          .digest = sha256(name),
          .pepper_id = "p",
          .scope = KeyScope::of(ComponentName::parse("core").value()),
          .label = "l",
          .created_at = Timestamp{1}};
}

TEST_F(IndexFollowerTest, SeesAChangeBeforeTheNextDecision) {
  make_key("core");
  EXPECT_EQ(follower_.ensure_current(), IndexState::current);
  EXPECT_EQ(index_.size(), 1u);
  make_key("core");
  EXPECT_EQ(index_.size(), 1u);
  EXPECT_EQ(follower_.ensure_current(), IndexState::current);
  EXPECT_EQ(index_.size(), 2u);
}

TEST_F(IndexFollowerTest, AnUnreadableStoreAfterASignalIsUnknownAndRecovers) {
  store_.fail_with(Error{ErrorCode::unavailable, "locked"});
  EXPECT_EQ(follower_.ensure_current(), IndexState::current);  // nothing changed: what is in memory holds
  signal_.raise();
  EXPECT_EQ(follower_.ensure_current(), IndexState::unknown);
  EXPECT_EQ(follower_.ensure_current(), IndexState::unknown);
  store_.fail_with({});
  while (follower_.ensure_current() == IndexState::unknown) {
  }
}

TEST_F(IndexFollowerTest, PollFindsWhatNoSignalTold) {
  ASSERT_TRUE(store_.insert(record_named("x")));
  EXPECT_EQ(follower_.ensure_current(), IndexState::current);
  EXPECT_EQ(index_.size(), 0u);
  follower_.poll();
  EXPECT_EQ(index_.size(), 1u);
}

TEST_F(IndexFollowerTest, AStoreThatIsGoneClosesTheGateUntilItCanBeLoaded) {
  make_key("core");
  store_.fail_with(Error{ErrorCode::not_found, "replaced"});
  follower_.poll();
  EXPECT_EQ(follower_.ensure_current(), IndexState::unknown);
  follower_.poll();
  EXPECT_EQ(follower_.ensure_current(), IndexState::unknown);
  store_.fail_with({});
  follower_.poll();
  EXPECT_EQ(follower_.ensure_current(), IndexState::current);
}

TEST_F(IndexFollowerTest, AStoreThatWentBackIsReadWhole) {
  make_key("core");
  make_key("core");
  MemoryKeyStore restored;
  ASSERT_TRUE(restored.insert(record_named("r")));
  // One follower cannot change its store; a store that answers like the restored one stands in for it.
  ForwardingKeyStore store(&store_);
  IndexFollower follower(store, signal_, index_, log_);
  ASSERT_TRUE(follower.load());
  EXPECT_EQ(index_.size(), 2u);
  store.current = &restored;
  follower.poll();
  EXPECT_EQ(index_.size(), 1u);
  EXPECT_NE(KeyIndex::Reading(index_).find(sha256("r")), nullptr);
}

TEST_F(IndexFollowerTest, NothingIsCurrentBeforeTheFirstLoad) {
  KeyIndex index(usage_);
  IndexFollower follower(store_, signal_, index, log_);
  EXPECT_FALSE(follower.is_loaded());
  EXPECT_EQ(follower.ensure_current(), IndexState::unknown);
  follower.poll();
  EXPECT_TRUE(follower.is_loaded());
}

}  // namespace
}  // namespace packyard
