#include "backup/secret_copies.h"

#include "backup/tree_listing.h"
#include "core/durable_file.h"
#include "storage/sqlite_database.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t small_bytes_max = 16 << 20;

std::string numbered(const fs::path& folder, std::size_t number) { return (folder / std::to_string(number)).string(); }

class Copies {
 public:
  Copies(const fs::path& folder, std::vector<SecretCopy>& copies) : folder_(folder), copies_(copies) {}

  Result<void> add_text(std::string_view kept_as, std::string_view text, std::uint64_t modified_ns) {
    TRY_ASSIGN(const auto path, KeptPath::parse(kept_as));
    const fs::path copy = numbered(folder_, copies_.size());
    TRY(write_new_file(copy, text, FileMode::owner_only));
    copies_.push_back({path, copy, modified_ns});
    return {};
  }

  Result<void> add_file(std::string_view kept_as, const fs::path& file) {
    TRY_ASSIGN(const FileState state, state_of_file(file));
    TRY_ASSIGN(const std::string text, read_small_file(file, small_bytes_max));
    return add_text(kept_as, text, state.modified_ns);
  }

 private:
  const fs::path& folder_;
  std::vector<SecretCopy>& copies_;
};

std::string in_area(std::string_view area, const fs::path& below) { return std::string(area) + "/" + below.string(); }

}  // namespace

Result<SecretCopy> copy_database(const fs::path& file, std::string_view kept_as, const fs::path& folder) {
  TRY_ASSIGN(const auto path, KeptPath::parse(kept_as));
  const fs::path copy = folder / (file.filename().string() + ".copy");
  TRY_ASSIGN(const FileState state, state_of_file(file));
  {
    TRY_ASSIGN(auto database, sqlite::Database::open(file, {.access = sqlite::Access::read_only}));
    TRY(database.back_up_to(copy));
  }
  TRY_ASSIGN(auto copied, sqlite::Database::open(copy, {.access = sqlite::Access::read_only}));
  if (const auto whole = copied.check_integrity(); !whole) return fail(whole.error().in("copying " + file.string()));
  return SecretCopy{path, copy, state.modified_ns};
}

Result<std::vector<SecretCopy>> copy_secrets(const SecretSources& sources, const fs::path& folder) {
  std::vector<SecretCopy> copies;
  auto keys = copy_database(sources.keys / "keys.db", in_area(kept_area::keys, "keys.db"), folder);
  if (!keys && keys.error().code == ErrorCode::not_found)
    return fail(ErrorCode::invalid,
                "there is no " + (sources.keys / "keys.db").string() +
                    ": set backup.keys to the folder that holds keys.db and peppers/, or start the gate once");
  if (!keys) return fail(keys.error());
  copies.push_back(std::move(*keys));
  Copies adding(folder, copies);
  TRY_ASSIGN(const auto peppers, list_tree(sources.keys / "peppers"));
  for (const ListedFile& pepper : peppers.files)
    TRY(adding.add_file(in_area(kept_area::keys, "peppers/" + pepper.path), sources.keys / "peppers" / pepper.path));
  if (peppers.files.empty())
    return fail(ErrorCode::invalid, "there is no pepper in " + (sources.keys / "peppers").string() +
                                        ": without it no key of keys.db can be recognised; it lies where the gate has its state");
  TRY(adding.add_text(in_area(kept_area::settings, "in-force.yml"), sources.settings_in_force, 0));
  if (!sources.settings_file.empty()) TRY(adding.add_file(in_area(kept_area::settings, "packyard.yml"), sources.settings_file));
  for (const fs::path& file : sources.also) {
    auto added = adding.add_file(in_area(kept_area::also, file.relative_path()), file);
    if (!added) return fail(ErrorCode::invalid, "backup.also: " + added.error().message);
  }
  return copies;
}

}  // namespace packyard
