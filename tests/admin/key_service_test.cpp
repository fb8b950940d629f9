#include "admin/key_service.h"

#include <gtest/gtest.h>

#include "auth/subscriber_key.h"
#include "tests/support/admin_world.h"

namespace packyard {
namespace {

KeyFields wanted(std::string component, std::string label, KeyFields::Time expires_at = {}) {
  KeyFields fields;
  fields.components = {std::move(component)};
  fields.label = std::move(label);
  if (expires_at) fields.expires_at = std::move(expires_at);
  return fields;
}

class KeyServiceTest : public testing::Test {
 protected:
  ApiError refused(const KeyFields& fields) {
    const auto created = world_.keys.create(fields, world_.caller);
    EXPECT_FALSE(created);
    return created ? ApiError::internal : created.error().error;
  }
  AdminWorld world_;
};

TEST_F(KeyServiceTest, MakesAKeyThatOnlyItsDigestRemembers) {
  const auto created = world_.keys.create(wanted("core", "ACME", "2026-01-01T00:00:01Z"), world_.caller);
  ASSERT_TRUE(created);
  EXPECT_TRUE(is_well_formed_subscriber_key(created->key.reveal()));
  const auto stored = world_.store.find(created->record.id);
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->digest, digest_of_key(world_.pepper, created->key.reveal()));
  EXPECT_EQ((*stored)->pepper_id, world_.pepper.id.text);
  EXPECT_EQ((*stored)->scope, KeyScope::of(ComponentName::parse("core").value()));
  EXPECT_EQ((*stored)->label, "ACME");
  EXPECT_EQ((*stored)->created_at, world_.clock.now());
  EXPECT_EQ((*stored)->expires_at, Timestamp{AdminWorld::start_seconds + 1});
  EXPECT_EQ(created->record.id.text.size(), 20u);
  EXPECT_EQ(created->key.reveal().find(created->record.id.text.substr(4)), std::string_view::npos);
}

TEST_F(KeyServiceTest, RefusesWhatTheSettingsOrTheClockDoNotAllow) {
  EXPECT_EQ(refused(wanted("other", "x")), ApiError::component_unknown);
  EXPECT_EQ(refused(wanted("CORE", "x")), ApiError::component_unknown);
  EXPECT_EQ(refused({}), ApiError::field_missing);
  KeyFields without_label;
  without_label.components = {"core"};
  EXPECT_EQ(refused(without_label), ApiError::field_missing);
  EXPECT_EQ(refused(wanted("", "x")), ApiError::component_unknown);
  EXPECT_EQ(refused(wanted("core", "")), ApiError::label_invalid);
  EXPECT_EQ(refused(wanted("core", "a\nb")), ApiError::label_invalid);
  for (const char* time :
       {"", "tomorrow", "2027-01-01", "2027-01-01T00:00:00+01:00", "2027-02-30T00:00:00Z", "2027-01-01T00:00:00.5Z"})
    EXPECT_EQ(refused(wanted("core", "x", time)), ApiError::expires_at_invalid) << time;
  EXPECT_EQ(refused(wanted("core", "x", "2026-01-01T00:00:00Z")), ApiError::expires_at_past);
  EXPECT_EQ(refused(wanted("core", "x", "1999-01-01T00:00:00Z")), ApiError::expires_at_past);
  EXPECT_TRUE(world_.store.list()->empty());
}

// A gate that sees the last value of the signal has the change; one that looked before the commit looks again after it.
TEST_F(KeyServiceTest, RaisesTheSignalBeforeAndAfterEachChange) {
  std::uint64_t before = world_.signal.value();
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  EXPECT_EQ(world_.signal.value(), before + 2);
  before = world_.signal.value();
  ASSERT_TRUE(world_.keys.revoke(created->record.id.text, world_.caller));
  EXPECT_EQ(world_.signal.value(), before + 2);
  before = world_.signal.value();
  ASSERT_TRUE(world_.keys.list() && world_.keys.find(created->record.id.text));
  EXPECT_EQ(world_.signal.value(), before);
  KeyService restarted({world_.store, world_.signal, world_.audit, world_.pepper, world_.random, world_.clock, world_.log, {}});
  EXPECT_GT(world_.signal.value(), before);
}

TEST_F(KeyServiceTest, RevokingAgainGivesTheSameAnswer) {
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  const auto first = world_.keys.revoke(created->record.id.text, world_.caller);
  ASSERT_TRUE(first && first->revoked_at);
  world_.clock.set(Timestamp{AdminWorld::start_seconds + 100});
  EXPECT_EQ(world_.keys.revoke(created->record.id.text, world_.caller)->revoked_at, first->revoked_at);
  EXPECT_EQ(world_.keys.list()->records.size(), 1u);
}

TEST_F(KeyServiceTest, KeysOfARemovedComponentStayListedAndRevocable) {
  const auto created = world_.keys.create(wanted("plus", "x"), world_.caller);
  KeyService later({world_.store,
                    world_.signal, world_.audit,
                    world_.pepper,
                    world_.random,
                    world_.clock,
                    world_.log,
                    {ComponentName::parse("core").value()}});
  EXPECT_EQ(later.list()->records.size(), 1u);
  EXPECT_EQ(later.create(wanted("plus", "x"), world_.caller).error().error, ApiError::component_unknown);
  EXPECT_TRUE(later.revoke(created->record.id.text, world_.caller)->revoked_at);
}

TEST_F(KeyServiceTest, UnknownIdsAreNotFound) {
  for (const char* id : {"", "key_", "key_0123456789abcdef", "../keys", "KEY_0123456789abcdef"}) {
    EXPECT_EQ(world_.keys.find(id).error().error, ApiError::key_not_found) << id;
    EXPECT_EQ(world_.keys.revoke(id, world_.caller).error().error, ApiError::key_not_found) << id;
  }
}

TEST_F(KeyServiceTest, FailuresOfTheStoreAreToldApart) {
  const std::pair<ErrorCode, ApiError> cases[] = {{ErrorCode::unavailable, ApiError::store_unavailable},
                                                  {ErrorCode::corrupt, ApiError::store_damaged},
                                                  {ErrorCode::internal, ApiError::internal}};
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  for (const auto& [code, expected] : cases) {
    world_.store.fail_with(Error{code, "told to"});
    EXPECT_EQ(refused(wanted("core", "x")), expected);
    EXPECT_EQ(world_.keys.list().error().error, expected);
    EXPECT_EQ(world_.keys.find(created->record.id.text).error().error, expected);
    EXPECT_EQ(world_.keys.revoke(created->record.id.text, world_.caller).error().error, expected);
  }
}

TEST_F(KeyServiceTest, EveryChangeIsALineOfTheAuditLogWithWhoAndWhat) {
  const auto created = world_.keys.create(wanted("core", "ACME"), world_.caller);
  const std::string id = created->record.id.text;
  KeyFields label;
  label.label = "ACME Ltd";
  ASSERT_TRUE(world_.keys.change(id, label, world_.caller));
  const auto rotated = world_.keys.rotate(id, 60, {"ops", "192.0.2.7", AdminRole::keys});
  ASSERT_TRUE(world_.keys.suspend(id, world_.caller));
  ASSERT_TRUE(world_.keys.resume(id, world_.caller));
  ASSERT_TRUE(world_.keys.revoke(id, world_.caller));
  const auto lines = world_.audit.lines();
  const std::vector<std::string> actions{"key_created", "key_changed", "key_rotated", "key_suspended", "key_resumed", "key_revoked"};
  ASSERT_EQ(lines.size(), actions.size());
  std::string before;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const AuditEntry& entry = lines[i].entry;
    EXPECT_EQ(entry.action, actions[i]);
    EXPECT_EQ(entry.object, id);
    EXPECT_EQ(entry.actor, i == 2 ? "ops" : "tester");
    EXPECT_EQ(entry.address, i == 2 ? "192.0.2.7" : "192.0.2.1");
    EXPECT_EQ(entry.before, before);
    EXPECT_NE(entry.after, before);
    EXPECT_EQ(lines[i].outcome, AuditOutcome::done);
    before = entry.after;
    for (const Secret* key : {&created->key, &rotated->key})
      EXPECT_EQ((entry.before + entry.after).find(key->reveal()), std::string::npos);
  }
  EXPECT_NE(lines.back().entry.after.find("ACME Ltd"), std::string::npos);
}

TEST_F(KeyServiceTest, WhatChangesNothingIsNoLine) {
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  const std::string id = created->record.id.text;
  ASSERT_TRUE(world_.keys.resume(id, world_.caller));
  ASSERT_TRUE(world_.keys.change(id, KeyFields{}, world_.caller));
  EXPECT_EQ(refused(wanted("nowhere", "x")), ApiError::component_unknown);
  ASSERT_TRUE(world_.keys.revoke(id, world_.caller));
  ASSERT_TRUE(world_.keys.revoke(id, world_.caller));
  EXPECT_EQ(world_.keys.suspend(id, world_.caller).error().error, ApiError::key_revoked);
  EXPECT_EQ(world_.audit.lines().size(), 2u);
}

TEST_F(KeyServiceTest, NothingIsChangedThatCannotBeWrittenDown) {
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  const std::string id = created->record.id.text;
  world_.audit.fail_with(Error{ErrorCode::unavailable, "told to"});
  EXPECT_EQ(refused(wanted("core", "y")), ApiError::audit_unavailable);
  EXPECT_EQ(world_.keys.create_all({wanted("core", "y")}, world_.caller).error().error, ApiError::audit_unavailable);
  EXPECT_EQ(world_.keys.import_all({}, world_.caller).error().error, ApiError::audit_unavailable);
  EXPECT_EQ(world_.keys.revoke(id, world_.caller).error().error, ApiError::audit_unavailable);
  EXPECT_EQ(world_.keys.rotate(id, 0, world_.caller).error().error, ApiError::audit_unavailable);
  EXPECT_EQ(world_.store.list()->size(), 1u);
  EXPECT_EQ(world_.keys.find(id)->revoked_at, std::nullopt);
  EXPECT_EQ(world_.keys.find(id)->digest, created->record.digest);
}

TEST_F(KeyServiceTest, AChangeThatFailsIsNamedInTheAuditLog) {
  const auto created = world_.keys.create(wanted("core", "x"), world_.caller);
  world_.store.fail_with(Error{ErrorCode::unavailable, "told to"});
  EXPECT_EQ(refused(wanted("core", "y")), ApiError::store_unavailable);
  const auto lines = world_.audit.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[1].outcome, AuditOutcome::done);
  EXPECT_EQ(lines[2].outcome, AuditOutcome::failed);
  EXPECT_EQ(lines[1].entry.object, lines[2].entry.object);
}

}  // namespace
}  // namespace packyard
