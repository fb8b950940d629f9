#include "promote/store_session.h"

#include "tests/support/press_fixture.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using StoreSessionTest = PressFixture;

TEST_F(StoreSessionTest, MakesTheFoldersAndHoldsTheStore) {
  auto session = StoreSession::open(*parts_);
  ASSERT_TRUE(session);
  EXPECT_FALSE(session->finished_release());
  EXPECT_TRUE(fs::exists(state_ / "incoming"));
  EXPECT_EQ(StoreSession::open(*parts_).error().code, ErrorCode::conflict);
}

TEST_F(StoreSessionTest, AnOpenStateFolderIsClosedToOthers) {
  fs::create_directories(state_);
  fs::permissions(state_, fs::perms(0755));
  ASSERT_TRUE(StoreSession::open(*parts_));
  EXPECT_EQ(fs::status(state_).permissions(), fs::perms(0700));
}

TEST_F(StoreSessionTest, ReadingNeedsNoStore) {
  EXPECT_FALSE(open_catalog_to_read(settings_).value());
  ASSERT_TRUE(StoreSession::open(*parts_));
  EXPECT_TRUE(open_catalog_to_read(settings_).value());
}

TEST_F(StoreSessionTest, TwoFileSystemsCannotBeOneStore) {
  if (!fs::exists("/dev/shm") || fs::space("/dev/shm").capacity == 0) GTEST_FAIL() << "/dev/shm is needed";
  settings_.storage.published = fs::path("/dev/shm") / ("packyard-test-" + folder_.path().filename().string());
  const auto session = StoreSession::open(*parts_);
  fs::remove_all(settings_.storage.published);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
