#include "storage/sqlite_usage_table.h"

#include <gtest/gtest.h>

#include "storage/key_schema.h"
#include "storage/sqlite_migrations.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

// The rest is said by tests/conformance/key_usage_suite.
class SqliteUsageTableTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(sqlite::migrate(database_, key_schema()));
    ASSERT_TRUE(database_.run("INSERT INTO keys(id, digest, pepper_id, components, label, created_at, use_count, generation) "
                              "VALUES('key_a', zeroblob(32), 'p', 'core', 'x', 1, 0, 1)"));
  }

  TemporaryFolder folder_;
  sqlite::Database database_ = sqlite::Database::open(folder_ / "keys.db").value();
};

TEST_F(SqliteUsageTableTest, AddressesGoSoonAndTheirNumberLater) {
  auto table = SqliteUsageTable::prepare(database_);
  ASSERT_TRUE(table) << table.error().message;
  const Timestamp noon{20'000 * day_seconds + 12 * 3600};
  const UtcDay day = UtcDay::of(noon);
  const KeyUsage usage{.id = KeyId{"key_a"}, .uses = 2, .last_used_at = noon, .addresses = {*IpAddress::parse("203.0.113.7")}};
  ASSERT_TRUE(table->add(database_, usage));
  ASSERT_TRUE(table->add(database_, usage));
  const auto rows = [&](const char* name) { return database_.query_integer("SELECT count(*) FROM " + std::string(name)).value(); };
  ASSERT_TRUE(table->forget_old(database_, day.before(-address_days_max)));
  EXPECT_EQ(rows("usage_addresses"), 1);
  ASSERT_TRUE(table->forget_old(database_, day.before(-address_days_max - 1)));
  EXPECT_EQ(rows("usage_addresses"), 0);
  EXPECT_EQ(table->read(usage.id, {})->days.at(0).addresses, 1u);
  ASSERT_TRUE(table->forget_old(database_, day.before(-usage_days_max)));
  EXPECT_EQ(rows("usage_days"), 1);
  ASSERT_TRUE(table->forget_old(database_, day.before(-usage_days_max - 1)));
  EXPECT_EQ(rows("usage_days"), 0);
}

TEST_F(SqliteUsageTableTest, MuchIsForgottenInParts) {
  auto table = SqliteUsageTable::prepare(database_);
  ASSERT_TRUE(database_.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000) INSERT INTO "
                                "usage_addresses(day, key_id, address) SELECT 1, 'key_a', CAST(printf('%016d', i) AS BLOB) FROM n"));
  int parts = 1;
  while (table->forget_old(database_, UtcDay{20'000}).value() == SqliteUsageTable::Rest::some) ++parts;
  EXPECT_EQ(parts, 3);
  EXPECT_EQ(database_.query_integer("SELECT count(*) FROM usage_addresses").value(), 0);
}

TEST_F(SqliteUsageTableTest, UsageOfAnUnknownKeyIsRefused) {
  auto table = SqliteUsageTable::prepare(database_);
  EXPECT_EQ(table->add(database_, {.id = KeyId{"key_b"}, .uses = 1}).error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace packyard
