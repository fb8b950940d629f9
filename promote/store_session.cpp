#include "promote/store_session.h"

#include <sys/stat.h>

#include "core/durable_file.h"
#include "promote/publisher.h"
#include "promote/recovery.h"
#include "promote/store_paths.h"

namespace packyard {
namespace {

Result<void> make_store_folders(const StorageSettings& storage) {
  std::error_code error;
  if (!std::filesystem::exists(storage.state, error)) {
    TRY(make_folders(storage.state));
    if (chmod(storage.state.c_str(), 0700) != 0) return fail(system_error("setting the mode of " + storage.state.string()));
  }
  TRY(make_public_folders(storage.published));
  TRY(make_folders(storage.state / "incoming"));
  struct stat state {
  }, published{};
  if (stat(storage.state.c_str(), &state) != 0) return fail(system_error("looking at " + storage.state.string()));
  if (stat(storage.published.c_str(), &published) != 0) return fail(system_error("looking at " + storage.published.string()));
  if ((state.st_mode & 07077) != 0 && chmod(storage.state.c_str(), 0700) != 0)
    return fail(system_error("closing " + storage.state.string() + " to others"));
  if (state.st_dev != published.st_dev)
    return fail(ErrorCode::invalid, "storage.state (" + storage.state.string() + ") and storage.published (" +
                                        storage.published.string() +
                                        ") lie on different file systems: publishing is a rename, put them on one");
  return {};
}

}  // namespace

Result<StoreSession> StoreSession::open(const PressParts& parts) {
  TRY(make_store_folders(parts.settings.storage));
  TRY_ASSIGN(auto lock, StoreLock::take(store_paths::lock(parts.settings)));
  TRY_ASSIGN(auto catalog, Catalog::open(store_paths::catalog(parts.settings)));
  StoreSession session(std::move(lock), std::move(catalog));
  TRY_ASSIGN(session.finished_release_, recover(parts, session.catalog_));
  return session;
}

Result<std::optional<Catalog>> open_catalog_to_read(const Settings& settings) {
  auto catalog = Catalog::open(store_paths::catalog(settings), sqlite::Access::read_only);
  if (!catalog && catalog.error().code == ErrorCode::not_found) return std::nullopt;
  if (!catalog) return fail(catalog.error());
  return std::move(*catalog);
}

}  // namespace packyard
