#include "storage/audit_line.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const AuditEntry entry{"ops",          "127.0.0.1", "key_changed", "key_0123456789abcdef", R"({"label":"a"})",
                       R"({"label":"ä \"b\"","n":[1,2.50]})"};

TEST(AuditLineText, IsItsOwnCanonicalForm) {
  const WrittenAuditLine first = write_audit_line({}, Timestamp{1'767'225'600}, entry, AuditOutcome::done);
  const std::string zeros(64, '0');
  EXPECT_TRUE(first.text.starts_with(R"({"sequence":1,"time":"2026-01-01T00:00:00Z","actor":"ops","address":"127.0.0.1",)"
                                     R"("action":"key_changed","object":"key_0123456789abcdef","before":{"label":"a"},"after":)"))
      << first.text;
  EXPECT_TRUE(first.text.ends_with(R"(,"outcome":"done","previous":")" + zeros + R"(","hash":")" + first.head.hash.hex() + "\"}\n"));
  EXPECT_EQ(first.head.sequence, 1u);
  const std::string hashed = first.text.substr(0, first.text.find(",\"hash\":"));
  EXPECT_EQ(first.head.hash, sha256(hashed));
}

TEST(AuditLineText, ReadsBackAsWritten) {
  const AuditHead previous{41, sha256("before")};
  for (const AuditOutcome outcome : {AuditOutcome::done, AuditOutcome::failed, AuditOutcome::recovered}) {
    const WrittenAuditLine written = write_audit_line(previous, Timestamp{5}, entry, outcome);
    const auto read = read_audit_line(written.text.substr(0, written.text.size() - 1));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, (AuditLine{Timestamp{5}, entry, outcome, previous.hash, written.head}));
  }
  const AuditEntry bare{"", "", "", "\x01\x7f\n", {}, {}};
  const std::string text = write_audit_line({}, Timestamp{0}, bare, AuditOutcome::done).text;
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(read_audit_line(text.substr(0, text.size() - 1))->entry, bare);
}

TEST(AuditLineText, AnyOtherByteIsRefused) {
  const std::string whole = write_audit_line({}, Timestamp{5}, entry, AuditOutcome::done).text;
  const std::string line = whole.substr(0, whole.size() - 1);
  for (std::size_t at = 0; at < line.size(); ++at)
    for (const char bit : {'\x01', '\x20', '\x80'}) {
      std::string changed = line;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      EXPECT_FALSE(read_audit_line(changed)) << at;
    }
  for (const std::string& other : {std::string(), std::string("{}"), line + " ", " " + line, line.substr(1), whole, line + line})
    EXPECT_EQ(read_audit_line(other).error().code, ErrorCode::invalid);
}

TEST(AuditLineText, WhatIsBoundButNoAuditLineIsRefused) {
  const std::string hashed = R"({"sequence":1,"time":"yesterday")";
  const auto read = read_audit_line(hashed + ",\"hash\":\"" + sha256(hashed).hex() + "\"}");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("lacks"), std::string::npos);
}

TEST(AuditHeadText, ReadsBackAndRefusesTheRest) {
  const AuditHead head{42, sha256("x")};
  EXPECT_EQ(AuditHead::parse(head.text()).value(), head);
  const std::string hash = head.hash.hex();
  for (const std::string& text : {std::string(), std::string("42"), std::string("42:"), ":" + hash, "042:" + hash, "+42:" + hash,
                                  "42:" + hash + " ", "42:" + hash.substr(1), "-1:" + hash, "42;" + hash, "99999999999999999999:" + hash})
    EXPECT_FALSE(AuditHead::parse(text)) << text;
}

}  // namespace
}  // namespace packyard
