#include "admin/key_audit.h"

#include <gtest/gtest.h>

#include "admin/key_json.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

class KeyAudit : public testing::Test {
 protected:
  KeyRecord made(const char* label) {
    KeyFields fields;
    fields.components = {"core"};
    fields.label = label;
    return world_.keys.create(fields, world_.caller)->record;
  }
  // As one who died between the line and the change leaves it.
  void write_only(const std::vector<AuditEntry>& entries) {
    ASSERT_TRUE(world_.audit.begin(world_.clock.now()).value()->write(entries, world_.clock.now()));
  }
  ApiResult<void> restart() {
    KeyService later({world_.store, world_.signal, world_.audit, world_.pepper, world_.random, world_.clock, world_.log, {}});
    return later.name_changes_not_made();
  }
  AdminWorld world_;
};

TEST_F(KeyAudit, TheChangeThatDidNotFollowIsNamedOnce) {
  const KeyRecord kept = made("kept");
  KeyRecord revoked = kept;
  revoked.revoked_at = world_.clock.now();
  write_only({key_audit_entry("key_revoked", world_.caller, &kept, revoked)});
  ASSERT_TRUE(restart());
  auto lines = world_.audit.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines.back().outcome, AuditOutcome::failed);
  EXPECT_EQ(lines.back().entry.action, "key_revoked");
  ASSERT_TRUE(restart());
  EXPECT_EQ(world_.audit.lines().size(), 3u);
}

TEST_F(KeyAudit, ManyKeysAtOnceAreNamedEach) {
  made("kept");
  KeyRecord first{.id = KeyId{"key_aaaaaaaaaaaaaaaa"}, .digest = {}, .pepper_id = "p", .scope = {}, .label = "a", .created_at = {}};
  KeyRecord second = first;
  second.id.text = "key_bbbbbbbbbbbbbbbb";
  write_only({key_audit_entry("key_created", world_.caller, nullptr, first),
              key_audit_entry("key_created", world_.caller, nullptr, second)});
  ASSERT_TRUE(restart());
  EXPECT_EQ(world_.audit.lines().size(), 5u);
}

TEST_F(KeyAudit, RotationsThatFollowedAreNotNamedWhateverTheirSecretsOrder) {
  const KeyRecord key = made("kept");
  for (const std::uint64_t overlap : {60u, 7200u, 600u}) ASSERT_TRUE(world_.keys.rotate(key.id.text, overlap, world_.caller));
  ASSERT_TRUE(restart());
  EXPECT_EQ(world_.audit.lines().size(), 4u);
}

TEST_F(KeyAudit, ALineSaysLessThanALaterVersionWould) {
  const KeyRecord key = made("kept");
  EXPECT_TRUE(is_as_audited(key, "{\"label\":\"kept\"}"));
  EXPECT_FALSE(is_as_audited(key, "{\"label\":\"other\"}"));
  EXPECT_FALSE(is_as_audited(key, "{\"colour\":1}"));
  EXPECT_FALSE(is_as_audited(key, "no JSON"));
}

TEST_F(KeyAudit, WhatCouldNotBeNamedIsNamedBeforeTheNextChange) {
  const KeyRecord kept = made("kept");
  KeyRecord revoked = kept;
  revoked.revoked_at = world_.clock.now();
  KeyService restarted({world_.store, world_.signal, world_.audit, world_.pepper, world_.random, world_.clock, world_.log, {}});
  write_only({key_audit_entry("key_revoked", world_.caller, &kept, revoked)});
  world_.store.fail_with(Error{ErrorCode::unavailable, "told to"});
  EXPECT_FALSE(restarted.name_changes_not_made());
  world_.store.fail_with({});
  ASSERT_TRUE(restarted.suspend(kept.id.text, world_.caller));
  const auto lines = world_.audit.lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[2].outcome, AuditOutcome::failed);
  EXPECT_EQ(lines[3].entry.action, "key_suspended");
}

TEST_F(KeyAudit, WhatFollowedIsNotNamed) {
  const KeyRecord key = made("kept");
  ASSERT_TRUE(world_.keys.suspend(key.id.text, world_.caller));
  ASSERT_TRUE(world_.store.add_usage({{key.id, 3, world_.clock.now()}}));  // usage is no change
  ASSERT_TRUE(restart());
  EXPECT_EQ(world_.audit.lines().size(), 2u);
}

}  // namespace
}  // namespace packyard
