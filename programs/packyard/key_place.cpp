#include "programs/packyard/key_place.h"

#include "core/durable_file.h"
#include "core/random_source.h"
#include "storage/sqlite_key_store.h"

namespace packyard {

std::vector<const Pepper*> KeyPlace::all_peppers() const {
  std::vector<const Pepper*> all{&peppers.current};
  for (const Pepper& pepper : peppers.earlier) all.push_back(&pepper);
  return all;
}

Result<std::unique_ptr<KeyStore>> open_key_store_again(const Settings& settings) {
  return open_sqlite_key_store(settings.storage.state / "keys.db");
}

Result<KeyPlace> open_key_place(const Settings& settings) {
  const std::filesystem::path& state = settings.storage.state;
  TRY(make_folders(state));
  TRY_ASSIGN(auto store, open_key_store_again(settings));
  TRY_ASSIGN(auto signal, ChangeSignal::open(state / "keys.signal"));
  SystemRandomSource random;
  TRY_ASSIGN(auto peppers, load_peppers(state / "peppers", *store, random));
  return KeyPlace{std::move(store), std::move(signal), std::move(peppers)};
}

}  // namespace packyard
