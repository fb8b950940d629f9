#include "promote/release_audit.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

class ReleaseAudit : public PressFixture {
 protected:
  std::vector<std::string> said() {
    std::vector<std::string> texts;
    for (const AuditLine& line : audit_.lines())
      texts.push_back(line.entry.action + " " + line.entry.object + " " + std::string(to_string(line.outcome)));
    return texts;
  }
};

TEST_F(ReleaseAudit, EveryReleaseIsALineWithWhoAndWhat) {
  stage_package("acme", "1.0");
  publish();
  stage_package("acme", "1.1");
  publish();
  EXPECT_EQ(said(), (std::vector<std::string>{"promotion release 1 done", "promotion release 2 done"}));
  const AuditEntry entry = audit_.lines().back().entry;
  EXPECT_EQ(entry.actor, "tester");
  EXPECT_EQ(entry.address, "local");
  EXPECT_NE(entry.after.find("\"generations\":{\"rpm/core/2025/el9-x86_64\":2}"), std::string::npos) << entry.after;
  promote();
  EXPECT_EQ(audit_.lines().size(), 2u);  // nothing new is no line
}

TEST_F(ReleaseAudit, NothingIsPublishedThatCannotBeWrittenDown) {
  stage_package("acme", "1.0");
  audit_.fail_with(Error{ErrorCode::unavailable, "told to"});
  const auto refused = promote();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(std::filesystem::exists(public_ / "current"));
  audit_.fail_with({});
  EXPECT_EQ(publish(), 1u);
}

TEST_F(ReleaseAudit, ALineWhoseReleaseIsNotThereIsNamedOnce) {
  stage_package("acme", "1.0");
  publish();
  const ReleaseRow row{2, ReleaseKind::rollback, clock_.now(), ReleaseState::prepared, false, {}, "to 1"};
  const AuditEntry entry = release_audit_entry({"other", "local"}, row, {});
  ASSERT_TRUE(audit_.begin(clock_.now()).value()->write({&entry, 1}, clock_.now()));
  promote();
  promote();
  EXPECT_EQ(said(), (std::vector<std::string>{"promotion release 1 done", "rollback release 2 done", "rollback release 2 failed"}));
  stage_package("acme", "1.1");
  publish();
  EXPECT_EQ(said().back(), "promotion release 2 done");
}

}  // namespace
}  // namespace packyard
