#include "storage/sqlite_migrations.h"

#include <string>

namespace packyard::sqlite {

Result<void> migrate(Database& database, std::span<const std::string_view> steps) {
  const auto newest = static_cast<std::int64_t>(steps.size());
  const auto version = [&] { return database.query_integer("PRAGMA user_version"); };
  // Read first: opening an up-to-date database must not wait for somebody else's write.
  TRY_ASSIGN(const std::int64_t before, version());
  if (before == newest) return {};
  TRY_ASSIGN(auto transaction, database.begin(TransactionKind::write));
  TRY_ASSIGN(const std::int64_t current, version());
  if (current > newest || current < 0)
    return fail(ErrorCode::invalid, "opening database " + database.file().string() + ": it has version " + std::to_string(current) +
                                        ", this program knows versions up to " + std::to_string(newest) +
                                        "; use the newer packyard that wrote it, or restore a backup from before");
  for (std::int64_t step = current; step < newest; ++step)
    if (auto done = database.execute(std::string(steps[static_cast<std::size_t>(step)])); !done)
      return fail(done.error().in("bringing database " + database.file().string() + " to version " + std::to_string(step + 1)));
  TRY(database.execute("PRAGMA user_version = " + std::to_string(newest)));
  return transaction.commit();
}

}  // namespace packyard::sqlite
