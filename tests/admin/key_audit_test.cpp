#include "admin/key_audit.h"

#include <gtest/gtest.h>

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
  AdminWorld world_;
};

TEST_F(KeyAudit, TheChangeThatDidNotFollowIsNamedOnce) {
  const KeyRecord kept = made("kept");
  KeyRecord revoked = kept;
  revoked.revoked_at = world_.clock.now();
  write_only({key_audit_entry("key_revoked", world_.caller, &kept, revoked)});
  ASSERT_TRUE(world_.keys.name_changes_not_made());
  auto lines = world_.audit.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines.back().outcome, AuditOutcome::failed);
  EXPECT_EQ(lines.back().entry.action, "key_revoked");
  ASSERT_TRUE(world_.keys.name_changes_not_made());
  EXPECT_EQ(world_.audit.lines().size(), 3u);
}

TEST_F(KeyAudit, ManyKeysAtOnceAreNamedEach) {
  made("kept");
  KeyRecord first{.id = KeyId{"key_aaaaaaaaaaaaaaaa"}, .digest = {}, .pepper_id = "p", .scope = {}, .label = "a", .created_at = {}};
  KeyRecord second = first;
  second.id.text = "key_bbbbbbbbbbbbbbbb";
  write_only({key_audit_entry("key_created", world_.caller, nullptr, first),
              key_audit_entry("key_created", world_.caller, nullptr, second)});
  ASSERT_TRUE(world_.keys.name_changes_not_made());
  EXPECT_EQ(world_.audit.lines().size(), 5u);
}

TEST_F(KeyAudit, WhatFollowedIsNotNamed) {
  const KeyRecord key = made("kept");
  ASSERT_TRUE(world_.keys.suspend(key.id.text, world_.caller));
  ASSERT_TRUE(world_.store.add_usage({{key.id, 3, world_.clock.now()}}));  // usage is no change
  ASSERT_TRUE(world_.keys.name_changes_not_made());
  EXPECT_EQ(world_.audit.lines().size(), 2u);
}

}  // namespace
}  // namespace packyard
