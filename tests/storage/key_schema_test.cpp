#include "storage/key_schema.h"

#include <gtest/gtest.h>

#include "storage/sqlite_migrations.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

// However old a database is, it ends as a new one begins.
TEST(KeySchema, EveryVersionComesToTheSameTables) {
  const auto text_of = [](std::size_t first_steps) {
    const TemporaryFolder folder;
    auto database = sqlite::Database::open(folder / "keys.db");
    EXPECT_TRUE(sqlite::migrate(*database, key_schema().first(first_steps)));
    EXPECT_TRUE(sqlite::migrate(*database, key_schema()));
    std::string text;
    auto schema = database->prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    EXPECT_TRUE(schema->for_each({}, [&](const sqlite::Row& row) -> Result<void> {
      text += row.text(0) + " " + row.text(1) + ": " + row.text(2) + "\n";
      return {};
    }));
    return text;
  };
  const std::string newest = text_of(key_schema().size());
  EXPECT_NE(newest.find("table keys"), std::string::npos);
  for (std::size_t steps = 1; steps < key_schema().size(); ++steps) EXPECT_EQ(text_of(steps), newest) << steps;
}

}  // namespace
}  // namespace packyard
