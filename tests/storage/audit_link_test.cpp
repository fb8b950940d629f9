#include "storage/audit_link.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string line_of(AuditOutcome outcome, const std::string& after) {
  const AuditEntry entry{"ops", "127.0.0.1", "key_changed", "key_0123456789abcdef", {}, after};
  std::string text = write_audit_line({41, sha256("before")}, Timestamp{5}, entry, outcome).text;
  text.pop_back();
  return text;
}

std::string bound(const std::string& hashed) { return hashed + ",\"hash\":\"" + sha256(hashed).hex() + "\"}"; }

TEST(AuditLinkText, SaysWhatTheWholeLineSays) {
  for (const AuditOutcome outcome : {AuditOutcome::done, AuditOutcome::failed, AuditOutcome::recovered})
    for (const std::string& after : {std::string(), std::string(R"({"label":",\"previous\":\"x","sequence":7})")}) {
      const std::string text = line_of(outcome, after);
      const auto line = read_audit_line(text);
      const auto link = read_audit_link(text);
      ASSERT_TRUE(line && link);
      EXPECT_EQ(*link, (AuditLink{line->head, line->previous, line->outcome}));
      EXPECT_EQ(link->head.sequence, 42u);
    }
}

TEST(AuditLinkText, AnyOtherByteIsRefused) {
  const std::string line = line_of(AuditOutcome::done, R"({"label":"a"})");
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string changed = line;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    EXPECT_FALSE(read_audit_link(changed)) << at;
  }
  for (const std::string& other : {std::string(), std::string("\"}"), line + " ", " " + line, line + "\n"})
    EXPECT_EQ(read_audit_link(other).error().code, ErrorCode::invalid);
}

TEST(AuditLinkText, WhatIsBoundButNoAuditLineIsRefused) {
  const std::string hash = sha256("x").hex();
  const std::string end = ",\"outcome\":\"done\",\"previous\":\"" + hash + "\"";
  EXPECT_TRUE(read_audit_link(bound("{\"sequence\":1,\"x\":2" + end)));
  for (const std::string& hashed :
       {std::string(), std::string("{"), end, "{\"sequence\":" + end, "{\"sequence\":-1," + end, "{\"sequence\":1" + end.substr(1),
        "{\"sequence\":99999999999999999999," + end, "{\"sequence\":1,\"outcome\":\"lost\",\"previous\":\"" + hash + "\"",
        "{\"sequence\":1,\"outcome\":\"done\",\"previous\":\"" + hash.substr(1) + "\""})
    EXPECT_FALSE(read_audit_link(bound(hashed))) << hashed;
}

}  // namespace
}  // namespace packyard
