#include "tests/support/backup_site.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/check.h"
#include "core/random_source.h"
#include "core/tree_path.h"
#include "storage/catalog.h"
#include "storage/pepper_file.h"
#include "storage/sqlite_key_store.h"

namespace packyard {
namespace fs = std::filesystem;

BackupSite::BackupSite() {
  fs::create_directories(state_);
  keys_ = open_sqlite_key_store(state_ / "keys.db").value();
  SystemRandomSource random;
  pepper_ = load_peppers(state_ / "peppers", *keys_, random).value().current.id.text;
  write(public_keys_ / "lts.asc", "a public key\n");
  write(folder_ / "packyard.yml", "# settings\n");
  sources_.store = {public_, public_keys_, state_ / "catalog.db", state_ / "promote.lock", state_ / "incoming"};
  sources_.secrets = {state_, folder_ / "packyard.yml", "site: x\n", {}};
  sources_.state = state_;
  add_key();
}

void BackupSite::write(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string BackupSite::read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::map<std::string, std::string> BackupSite::tree(const fs::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_symlink())
      found[name] = "-> " + fs::read_symlink(entry.path()).string();
    else if (entry.is_regular_file())
      found[name] = read(entry.path());
  }
  return found;
}

void BackupSite::add_key() {
  const std::string number = std::to_string(++keys_made_);
  CHECK(keys_->insert({.id = KeyId{"key_000000000000000" + number},
                       .digest = sha256("key " + number),
                       .pepper_id = pepper_,
                       .scope = KeyScope::of(ComponentName::parse("core").value()),
                       .label = "key " + number,
                       .created_at = Timestamp{1'800'000'000}}));
}

void BackupSite::publish(std::uint64_t release, std::string_view bytes) {
  const std::string number = std::to_string(release);
  write(public_ / "pool/deb/core/2025" / ("acme_" + number + "_all.deb"), bytes);
  write(public_ / tree_path::release(release) / "release.json", "{\"release\":" + number + "}");
  const fs::path generation = "generations/deb/core/2025/bookworm/00000" + number;
  write(public_ / generation / "InRelease", "signed " + number);
  const fs::path link = public_ / tree_path::release(release) / "deb/core/2025/bookworm";
  fs::create_directories(link.parent_path());
  fs::create_symlink("../../../../../" + generation.string(), link);
  fs::remove(public_ / "current");
  fs::create_symlink(tree_path::release(release), public_ / "current");
  auto catalog = Catalog::open(state_ / "catalog.db").value();
  CHECK(catalog.add_release({.number = release, .published_at = clock_.now(), .superseded_at = {}, .summary = "by hand"}, {}));
  CHECK(catalog.set_live(release, clock_.now()));
}

Result<BackupOutcome> BackupSite::back_up(ObjectStore& destination, BackupKind kind, Sealing sealing) {
  return BackupMaker(sources_, policy_, destination, runner_, clock_).make({kind, sealing});
}

fs::path BackupSite::make_identity() {
  const fs::path file = folder_ / "identity";
  const auto made = runner_.run({{"age-keygen", "--output", file.string()}, {}, {}, std::chrono::seconds(60), 1 << 16}).value();
  CHECK(made.exit_status == 0);
  const auto shown = runner_.run({{"age-keygen", "-y", file.string()}, {}, {}, std::chrono::seconds(60), 1 << 16}).value();
  policy_.recipients = {shown.output.substr(0, shown.output.find('\n'))};
  return file;
}

void BackupSite::expect_restored() const {
  const RestorePlaces back = places();
  EXPECT_EQ(tree(back.published), tree(public_));
  EXPECT_EQ(tree(back.public_keys), tree(public_keys_));
  EXPECT_EQ(tree(back.keys / "peppers"), tree(state_ / "peppers"));
  const auto restored = open_sqlite_key_store(back.keys / "keys.db").value();
  EXPECT_EQ(restored->list().value(), keys_->list().value());
}

}  // namespace packyard
