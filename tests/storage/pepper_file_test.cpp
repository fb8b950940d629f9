#include "storage/pepper_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "core/durable_file.h"
#include "tests/support/child_process.h"
#include "tests/support/memory_key_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class PepperFile : public testing::Test {
 protected:
  Result<Peppers> load() { return load_peppers(peppers_, keys_, random_); }
  std::filesystem::path add_pepper(char filling) {
    const std::string bytes(pepper_size_bytes, filling);
    const auto file = peppers_ / make_pepper(Secret(bytes)).id.text;
    EXPECT_TRUE(write_file_durably(file, bytes, FileMode::owner_only));
    return file;
  }
  KeyRecord key_with(const PepperId& pepper) {
    return KeyRecord{.id = KeyId{"key_1"},
                     .digest = sha256("1"),
                     .pepper_id = pepper.text,
                     .scope = KeyScope::of(ComponentName::parse("core").value()),
                     .label = "x",
                     .created_at = Timestamp{1}};
  }

  TemporaryFolder folder_;
  std::filesystem::path peppers_ = folder_ / "state" / "peppers";
  MemoryKeyStore keys_;
  SystemRandomSource random_;
};

TEST_F(PepperFile, TheFirstStartMakesOneAndLaterOnesFindIt) {
  const auto first = load();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->current.bytes.reveal().size(), pepper_size_bytes);
  EXPECT_TRUE(first->earlier.empty());
  struct stat status {};
  ASSERT_EQ(stat((peppers_ / first->current.id.text).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  ASSERT_EQ(stat(peppers_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0700u);

  const auto second = load();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->current.bytes == first->current.bytes);
  ASSERT_TRUE(keys_.insert(key_with(first->current.id)));
  EXPECT_TRUE(load());
}

TEST_F(PepperFile, KeysWithoutTheirPepperStopTheStart) {
  ASSERT_TRUE(keys_.insert(key_with(PepperId{"deadbeef"})));
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::not_found);
  EXPECT_NE(refused.error().message.find("deadbeef"), std::string::npos);
  EXPECT_NE(refused.error().message.find("restore"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(peppers_));
  add_pepper('a');
  EXPECT_EQ(load().error().code, ErrorCode::not_found);
}

TEST_F(PepperFile, TheOneMadeLastIsForNewKeysAndTheOthersStay) {
  ASSERT_TRUE(make_folders(peppers_));
  std::filesystem::permissions(peppers_, std::filesystem::perms(0700));
  const auto older = add_pepper('a');
  const auto newer = add_pepper('b');
  const auto now = std::filesystem::last_write_time(newer);
  std::filesystem::last_write_time(older, now - std::chrono::hours(1));
  const auto peppers = load();
  ASSERT_TRUE(peppers) << peppers.error().message;
  EXPECT_EQ(peppers->current.id.text, newer.filename());
  ASSERT_EQ(peppers->earlier.size(), 1u);
  EXPECT_EQ(peppers->earlier[0].id.text, older.filename());
  std::ofstream(peppers_ / "notes.txt") << "not a pepper";
  EXPECT_TRUE(load());
}

TEST_F(PepperFile, RefusesWhatOthersMayRead) {
  const auto file = peppers_ / load()->current.id.text;
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  const auto readable = load();
  ASSERT_FALSE(readable);
  EXPECT_EQ(readable.error().code, ErrorCode::invalid);
  EXPECT_NE(readable.error().message.find("chmod 600"), std::string::npos);
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  std::filesystem::permissions(peppers_, std::filesystem::perms(0755));
  EXPECT_EQ(load().error().code, ErrorCode::invalid);
  std::filesystem::permissions(peppers_, std::filesystem::perms(0700));
  EXPECT_TRUE(load());
  std::filesystem::rename(file, folder_ / "elsewhere");
  std::filesystem::create_symlink(folder_ / "elsewhere", file);
  EXPECT_EQ(load().error().code, ErrorCode::invalid);
}

TEST_F(PepperFile, RefusesDamage) {
  const auto id = load()->current.id;
  const auto file = peppers_ / id.text;
  std::string bytes = read_small_file(file, 100).value();
  bytes[0] = static_cast<char>(bytes[0] ^ 1);
  ASSERT_TRUE(write_file_durably(file, bytes, FileMode::owner_only));
  const auto damaged = load();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::corrupt);
  ASSERT_TRUE(write_file_durably(file, "", FileMode::owner_only));
  EXPECT_EQ(load().error().code, ErrorCode::corrupt);
}

TEST_F(PepperFile, AStoreThatCannotBeReadMakesNoPepper) {
  keys_.fail_with(Error{ErrorCode::unavailable, "locked"});
  EXPECT_EQ(load().error().code, ErrorCode::unavailable);
  EXPECT_TRUE(std::filesystem::is_empty(peppers_));
}

TEST_F(PepperFile, AFullDiskLeavesNoHalfPepper) {
  const int status = exit_status_of_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit little{16, 16};
    if (setrlimit(RLIMIT_FSIZE, &little) != 0) return 2;
    const auto refused = load();
    return !refused && refused.error().code == ErrorCode::unavailable ? 0 : 3;
  });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(std::filesystem::is_empty(peppers_));
  EXPECT_TRUE(load());
}

TEST_F(PepperFile, ProcessesStartingTogetherAgreeOnOne) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(load() ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(peppers_), {}), 1);
}

}  // namespace
}  // namespace packyard
