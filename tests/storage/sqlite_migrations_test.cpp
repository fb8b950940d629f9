#include "storage/sqlite_migrations.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/temporary_folder.h"

namespace packyard::sqlite {
namespace {

class SqliteMigrations : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "test.db";
};

const std::vector<std::string_view> first = {"CREATE TABLE a(x)"};
const std::vector<std::string_view> second = {"CREATE TABLE a(x)", "CREATE TABLE b(x); INSERT INTO b VALUES (1)"};

TEST_F(SqliteMigrations, RunsEachStepOnce) {
  auto database = Database::open(file_);
  ASSERT_TRUE(database);
  ASSERT_TRUE(migrate(*database, first));
  ASSERT_TRUE(database->run("INSERT INTO a VALUES (7)"));
  ASSERT_TRUE(migrate(*database, second));
  ASSERT_TRUE(migrate(*database, second));
  EXPECT_EQ(database->query_integer("SELECT x FROM a").value(), 7);
  EXPECT_EQ(database->query_integer("SELECT count(*) FROM b").value(), 1);
}

TEST_F(SqliteMigrations, RefusesANewerDatabase) {
  auto database = Database::open(file_);
  ASSERT_TRUE(database);
  ASSERT_TRUE(migrate(*database, second));
  const auto refused = migrate(*database, first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("newer"), std::string::npos);
}

TEST_F(SqliteMigrations, AFailingStepChangesNothing) {
  auto database = Database::open(file_);
  ASSERT_TRUE(database);
  const std::vector<std::string_view> wrong = {"CREATE TABLE a(x)", "CREATE TABLE a(x)"};
  const auto refused = migrate(*database, wrong);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("version 2"), std::string::npos);
  EXPECT_EQ(database->query_integer("PRAGMA user_version").value(), 0);
  EXPECT_TRUE(migrate(*database, second));
}

TEST_F(SqliteMigrations, AnUpToDateDatabaseOpensWhileAnotherWrites) {
  auto writer = Database::open(file_);
  ASSERT_TRUE(writer && migrate(*writer, first));
  auto held = writer->begin(TransactionKind::write);
  ASSERT_TRUE(held);
  auto reader = Database::open(file_, {Access::create, 10});
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_TRUE(migrate(*reader, first));
}

}  // namespace
}  // namespace packyard::sqlite
