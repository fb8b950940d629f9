#include "auth/index_follower.h"

#include "tests/auth/gate_fixture.h"

namespace packyard {
namespace {

using IndexFollowerTest = GateFixture;

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
  ASSERT_TRUE(
      store_.insert({KeyId{"key_x"}, sha256("x"), "p", ComponentName::parse("core").value(), "l", Timestamp{1}, {}, {}, {}, 0}));
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
  ASSERT_TRUE(restored.insert(
      {KeyId{"key_r"}, sha256("r"), "p", ComponentName::parse("core").value(), "l", Timestamp{1}, {}, {}, {}, 0}));
  // One follower cannot change its store; a store that answers like the restored one stands in for it.
  class Switching final : public KeyStore {
   public:
    explicit Switching(KeyStore& first) : current(&first) {}
    Result<void> insert(const KeyRecord& record) override { return current->insert(record); }
    Result<std::optional<KeyRecord>> find(const KeyId& id) override { return current->find(id); }
    Result<std::vector<KeyRecord>> list() override { return current->list(); }
    Result<std::optional<KeyRecord>> revoke(const KeyId& id, Timestamp now) override { return current->revoke(id, now); }
    Result<std::uint64_t> generation() override { return current->generation(); }
    Result<KeyChanges> changes_since(std::uint64_t generation) override { return current->changes_since(generation); }
    Result<void> add_usage(const std::vector<KeyUsage>& usage) override { return current->add_usage(usage); }
    Result<std::vector<std::string>> pepper_ids() override { return current->pepper_ids(); }
    KeyStore* current;
  };
  Switching store(store_);
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
