#include "storage/audit_verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

constexpr int line_count = 50;

class AuditVerifier : public testing::Test {
 protected:
  AuditVerifier() : files_(AuditFiles::in(folder_.path(), "admin")) {
    for (int number = 1; number <= line_count; ++number) {
      const AuditEntry entry{"ops", "::1", "key_created", "key_" + std::to_string(number), {}, {}};
      const WrittenAuditLine line = write_audit_line(head_, Timestamp{number}, entry, AuditOutcome::done);
      head_ = line.head;
      lines_.push_back(line.text);
    }
    keep_head(head_.text() + "\n");
  }

  void keep_head(const std::string& text) const { std::ofstream(files_.head, std::ios::trunc) << text; }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
  }
  AuditReport verify(const std::string& text, const std::optional<AuditHead>& expected = {}) const {
    std::ofstream(files_.log, std::ios::trunc) << text;
    return verify_audit_log(files_, expected).value();
  }
  AuditReport verify(const std::vector<std::string>& lines) const { return verify(joined(lines)); }

  TemporaryFolder folder_;
  AuditFiles files_;
  AuditHead head_;
  std::vector<std::string> lines_;
};

TEST_F(AuditVerifier, AWholeLogIsInOrder) {
  const AuditReport report = verify(lines_);
  EXPECT_TRUE(report.findings.empty() && report.notes.empty());
  EXPECT_EQ(report.lines, static_cast<std::uint64_t>(line_count));
  EXPECT_EQ(report.newest, head_);
}

// The first finding names the line that holds the byte; the last line end is missed by the head.
TEST_F(AuditVerifier, EveryChangedByteIsFoundAndLocated) {
  const std::string whole = joined(lines_);
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    const AuditReport report = verify(changed);
    ASSERT_FALSE(report.findings.empty()) << "byte " << at;
    ASSERT_EQ(report.findings.front().line, line) << "byte " << at << ": " << report.findings.front().text;
    ASSERT_EQ(report.findings.front().sequence, line) << "byte " << at;
    ASSERT_LE(report.findings.size(), 2u) << "byte " << at;
    if (whole[at] == '\n') ++line;
  }
}

TEST_F(AuditVerifier, EveryChangedByteOfTheHeadIsFound) {
  const std::string head = head_.text() + "\n";
  for (std::size_t at = 0; at < head.size(); ++at) {
    std::string changed = head;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    keep_head(changed);
    EXPECT_FALSE(verify(lines_).findings.empty()) << at;
  }
}

TEST_F(AuditVerifier, EveryMissingLineIsFound) {
  for (std::size_t gone = 0; gone < lines_.size(); ++gone) {
    std::vector<std::string> rest = lines_;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(gone));
    const AuditReport report = verify(rest);
    ASSERT_EQ(report.findings.size(), 1u) << gone;
    EXPECT_EQ(report.findings.front().line, gone + 1);
    EXPECT_NE(report.findings.front().text.find("sequence " + std::to_string(gone + 1) + " is"), std::string::npos)
        << report.findings.front().text;
  }
}

TEST_F(AuditVerifier, CutLinesAreFoundByTheHeadOrByOneKeptElsewhere) {
  const std::vector<std::string> ten(lines_.begin(), lines_.begin() + 10);
  ASSERT_EQ(verify(ten).findings.size(), 1u);
  EXPECT_EQ(verify(ten).findings.front().text, "missing: sequences 11 to 50 are cut off at the end");
  // Who cuts the lines may write a fitting head, too.
  keep_head(read_audit_line(std::string_view(ten.back()).substr(0, ten.back().size() - 1))->head.text() + "\n");
  EXPECT_TRUE(verify(ten).findings.empty());
  EXPECT_EQ(verify(joined(ten), head_).findings.size(), 1u);
  EXPECT_TRUE(verify(joined(lines_), head_).findings.empty());
}

TEST_F(AuditVerifier, ReorderedAndRepeatedLinesAreFound) {
  for (std::size_t at = 0; at + 1 < lines_.size(); ++at) {
    std::vector<std::string> swapped = lines_;
    std::swap(swapped[at], swapped[at + 1]);
    const AuditReport report = verify(swapped);
    ASSERT_FALSE(report.findings.empty()) << at;
    EXPECT_EQ(report.findings.front().line, at + 1);
    EXPECT_TRUE(std::ranges::any_of(report.findings, [](const AuditRemark& one) { return one.text.starts_with("out of order"); })) << at;
  }
  std::vector<std::string> repeated = lines_;
  repeated.insert(repeated.begin() + 7, lines_[6]);
  ASSERT_EQ(verify(repeated).findings.size(), 1u);
  EXPECT_EQ(verify(repeated).findings.front().line, 8u);
}

// A line that is whole in itself but not of this chain.
TEST_F(AuditVerifier, AForgedLineIsFound) {
  const AuditEntry forged{"nobody", "", "key_revoked", "key_7", {}, {}};
  std::vector<std::string> lines = lines_;
  const auto before = read_audit_line(std::string_view(lines[5]).substr(0, lines[5].size() - 1));
  lines[6] = write_audit_line(before->head, Timestamp{9}, forged, AuditOutcome::done).text;
  ASSERT_EQ(verify(lines).findings.size(), 1u);
  EXPECT_EQ(verify(lines).findings.front().line, 8u);
  EXPECT_NE(verify(lines).findings.front().text.find("does not follow"), std::string::npos);
  lines = lines_;
  const auto last = read_audit_line(std::string_view(lines[48]).substr(0, lines[48].size() - 1));
  lines[49] = write_audit_line(last->head, Timestamp{9}, forged, AuditOutcome::done).text;
  ASSERT_EQ(verify(lines).findings.size(), 1u);
  EXPECT_EQ(verify(lines).findings.front().line, 50u);
}

TEST_F(AuditVerifier, OtherBytesAreFindingsNotFailures) {
  for (const std::string& text : {std::string("\n\n\n"), std::string(3'000'000, 'x') + "\n", std::string(1, '\0') + "\n"})
    EXPECT_FALSE(verify(text).findings.empty());
  EXPECT_EQ(verify("").findings.size(), 1u);
}

TEST_F(AuditVerifier, NothingAtAllIsNotFound) {
  std::filesystem::remove(files_.head);
  EXPECT_EQ(verify_audit_log(files_).error().code, ErrorCode::not_found);
  keep_head(head_.text() + "\n");
  EXPECT_EQ(verify_audit_log(files_)->findings.size(), 1u);
}

}  // namespace
}  // namespace packyard
