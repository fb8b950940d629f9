#include "storage/file_audit_log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "core/json_document.h"
#include "storage/audit_verifier.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class FileAuditLogTest : public testing::Test {
 protected:
  FileAuditLogTest() : files_(AuditFiles::in(folder_ / "audit", "admin")) {}

  static AuditEntry entry(int number) {
    return {"ops", "127.0.0.1", "key_created", "key_" + std::to_string(number), {}, R"({"label":"x"})"};
  }
  static std::vector<AuditEntry> entries(int first, int last) {
    std::vector<AuditEntry> all;
    for (int number = first; number <= last; ++number) all.push_back(entry(number));
    return all;
  }
  Result<void> write(int first, int last) {
    FileAuditLog audit(files_, log_);
    TRY_ASSIGN(const auto turn, audit.begin(Timestamp{100}));
    return turn->write(entries(first, last), Timestamp{100});
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(files_.log).rdbuf();
    return all.str();
  }
  void replace_text(const std::string& text) const { std::ofstream(files_.log, std::ios::trunc) << text; }
  AuditReport report() { return verify_audit_log(files_).value(); }
  // What the line that puts the log in order says.
  std::string recovered() {
    std::string after;
    verify_audit_log(files_, {}, [&](const AuditLine& line, std::string_view) {
      if (line.outcome == AuditOutcome::recovered) after += line.entry.after;
    }).value();
    return after;
  }

  TemporaryFolder folder_;
  AuditFiles files_;
  Log log_{LogLevel::error};
};

TEST_F(FileAuditLogTest, IsAChainInPrivateFiles) {
  ASSERT_TRUE(write(1, 1));
  ASSERT_TRUE(write(2, 4));
  const AuditReport found = report();
  EXPECT_EQ(found.lines, 4u);
  EXPECT_TRUE(found.findings.empty() && found.notes.empty());
  EXPECT_EQ(read_audit_head(files_.head).value(), found.newest);
  struct stat status {};
  for (const auto& file : {files_.log, files_.head}) {
    ASSERT_EQ(stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
  }
  ASSERT_EQ(stat(files_.log.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(FileAuditLogTest, ShowsTheNewestFirstAndWhatDidNotHappen) {
  FileAuditLog audit(files_, log_);
  {
    const auto turn = audit.begin(Timestamp{100}).value();
    ASSERT_TRUE(turn->write(entries(1, 3), Timestamp{100}));
    const AuditEntry last = entry(3);
    ASSERT_TRUE(turn->write_failed({&last, 1}, "the disk is full", Timestamp{101}));
  }
  std::string seen;
  ASSERT_TRUE(audit.begin(Timestamp{102}).value()->newest_first([&](const AuditLine& line) {
    seen += std::to_string(line.head.sequence) + std::string(to_string(line.outcome)) + line.entry.after + " ";
    return line.head.sequence > 3;
  }));
  EXPECT_EQ(seen, R"(4failed{"why":"the disk is full"} 3done{"label":"x"} )");
}

// Wherever a writer may have been killed in the last line.
TEST_F(FileAuditLogTest, ATornLineIsPutInOrderWhereverItWasTorn) {
  ASSERT_TRUE(write(1, 2));
  const std::string two = text();
  std::filesystem::copy(files_.head, folder_ / "head");
  ASSERT_TRUE(write(3, 3));
  const std::string three = text();
  for (std::size_t length = two.size() + 1; length < three.size(); ++length) {
    replace_text(three.substr(0, length));
    std::filesystem::copy(folder_ / "head", files_.head, std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(report().findings.empty()) << length;
    EXPECT_EQ(report().notes.size(), 1u);
    ASSERT_TRUE(write(4, 4));
    const AuditReport found = report();
    EXPECT_TRUE(found.findings.empty()) << length << ": " << found.findings.front().text;
    EXPECT_EQ(found.lines, 5u);
    EXPECT_TRUE(text().starts_with(three.substr(0, length)));
    const bool is_whole = length + 1 == three.size();  // but for its line end
    EXPECT_EQ(found.notes.size(), is_whole ? 1u : 2u);
    const std::string torn = "\"torn_bytes\":" + std::to_string(length - two.size());
    const std::string told = is_whole ? R"({"line_end":"missing","not_done":[3,3]})" : torn;
    EXPECT_NE(recovered().find(told), std::string::npos) << recovered();
  }
}

TEST_F(FileAuditLogTest, LinesBeyondTheHeadDidNotHappen) {
  ASSERT_TRUE(write(1, 2));
  std::filesystem::copy(files_.head, folder_ / "head");
  ASSERT_TRUE(write(3, 5));
  std::filesystem::copy(folder_ / "head", files_.head, std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(report().findings.empty());
  EXPECT_EQ(report().notes.size(), 1u);
  ASSERT_TRUE(write(6, 6));
  EXPECT_TRUE(report().findings.empty());
  EXPECT_EQ(recovered(), R"({"not_done":[3,5]})");
}

TEST_F(FileAuditLogTest, CutLinesLeaveAGapForEver) {
  ASSERT_TRUE(write(1, 5));
  std::string cut = text();
  for (int line = 0; line < 2; ++line) cut.resize(cut.rfind('\n', cut.size() - 2) + 1);
  replace_text(cut);
  ASSERT_EQ(report().findings.size(), 1u);
  EXPECT_EQ(report().findings.front().line, 4u);
  ASSERT_TRUE(write(6, 6));
  EXPECT_EQ(recovered(), R"({"lost":[4,5]})");
  ASSERT_EQ(report().findings.size(), 1u);
  EXPECT_EQ(report().findings.front().text, "missing before it: sequences 4 to 5 are not there");
  EXPECT_EQ(report().newest.sequence, 7u);
  std::filesystem::remove(files_.log);
  ASSERT_TRUE(write(7, 7));
  EXPECT_EQ(recovered(), R"({"lost":[1,7]})");
  EXPECT_EQ(report().newest.sequence, 9u);
}

TEST_F(FileAuditLogTest, ADamagedHeadOrLastLineDoesNotStopTheLog) {
  ASSERT_TRUE(write(1, 3));
  std::ofstream(files_.head, std::ios::trunc) << "nonsense\n";
  EXPECT_EQ(report().findings.size(), 1u);
  ASSERT_TRUE(write(4, 4));
  EXPECT_TRUE(report().findings.empty());
  EXPECT_EQ(recovered(), R"({"head":"damaged"})");
  std::filesystem::remove(files_.head);
  EXPECT_EQ(report().findings.size(), 1u);
  ASSERT_TRUE(write(5, 5));
  EXPECT_TRUE(report().findings.empty());
  std::string changed = text();
  changed[changed.size() - 100] ^= 1;
  replace_text(changed);
  ASSERT_TRUE(write(6, 6));
  ASSERT_EQ(report().findings.size(), 1u);
  EXPECT_EQ(report().findings.front().sequence, 7u);
  EXPECT_EQ(report().newest.sequence, 9u);
  EXPECT_TRUE(recovered().ends_with(R"({"unreadable_lines":1,"lost":[7,7]})")) << recovered();
}

TEST_F(FileAuditLogTest, AFullDiskLeavesTheLogAsItWas) {
  ASSERT_TRUE(write(1, 2));
  const std::string before = text();
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit unlimited = limit;
  for (const std::size_t more : {0, 1, 100, 400}) {
    limit.rlim_cur = before.size() + more;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    const auto written = write(3, 20);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::unavailable);
    EXPECT_EQ(text(), before);
  }
  ASSERT_TRUE(write(3, 4));
  EXPECT_TRUE(report().findings.empty() && report().notes.empty());
}

TEST_F(FileAuditLogTest, ProcessesTakeTurns) {
  constexpr int processes = 3, lines = 10;
  for (int process = 0; process < processes; ++process)
    if (fork() == 0) {
      bool good = true;
      for (int number = 0; number < lines; ++number) good = good && write(number, number);
      _exit(good ? 0 : 1);
    }
  for (int process = 0; process < processes; ++process) {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(report().lines, static_cast<std::uint64_t>(processes * lines));
  EXPECT_TRUE(report().findings.empty() && report().notes.empty());
}

// Killed at any moment: what was told to be written is there, and the log goes on.
TEST_F(FileAuditLogTest, AKilledWriterLosesNothingItWasToldOf) {
  for (int round = 0; round < 20; ++round) {
    int told[2];
    ASSERT_EQ(pipe(told), 0);
    const pid_t child = fork();
    if (child == 0) {
      for (int number = 0;; ++number)
        if (!write(number, number + 2) || ::write(told[1], "+", 1) != 1) _exit(1);
    }
    char sign = 0;
    for (int number = 0; number <= round % 5; ++number) ASSERT_EQ(read(told[0], &sign, 1), 1);
    kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    close(told[0]);
    close(told[1]);
    ASSERT_TRUE(write(0, 0));
    const AuditReport found = report();
    EXPECT_TRUE(found.findings.empty()) << found.findings.front().text;
  }
}

TEST_F(FileAuditLogTest, WhatCannotBeOpenedIsAnError) {
  std::filesystem::create_directory(folder_ / "audit");
  std::filesystem::create_symlink(folder_ / "elsewhere", files_.log);
  EXPECT_FALSE(write(1, 1));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

}  // namespace
}  // namespace packyard
