// Each case on a folder, in memory and on the S3 server of the tests.
#include "backup/backup_maker.h"

#include <gtest/gtest.h>

#include "storage/folder_object_store.h"
#include "storage/store_lock.h"
#include "tests/support/backup_site.h"
#include "tests/support/memory_object_store.h"
#include "tests/support/s3_fixture.h"

namespace packyard {
namespace {

constexpr std::int64_t day = 24 * 3600;

template <class Store>
struct Destination;

template <>
struct Destination<FolderObjectStore> {
  TemporaryFolder folder;
  FolderObjectStore store{folder / "backups"};
};

template <>
struct Destination<MemoryObjectStore> {
  MemoryObjectStore store;
};

template <>
struct Destination<S3ObjectStore> {
  ManualClock clock{SystemClock().now()};
  SystemRandomSource random;
  S3ObjectStore store{
      S3TestServer::shared().settings(std::string("backup/") + testing::UnitTest::GetInstance()->current_test_info()->name()),
      S3TestServer::credentials(), clock, random};
};

template <class Store>
class BackupMakerSuite : public testing::Test {
 protected:
  std::set<std::string> objects() {
    std::set<std::string> names;
    const auto listing = destination_.store.list("").value();
    for (const ObjectInfo& info : listing.objects) names.insert(info.key.text());
    return names;
  }
  std::set<std::string> missing_blobs(const BackupManifest& manifest) {
    std::set<std::string> missing;
    for (const KeptFile& file : manifest.files)
      if (!destination_.store.stat(ObjectKey::parse(BackupVault::blob_name(file.sha256)).value()))
        missing.insert(file.path.text());
    return missing;
  }
  BackupOutcome make(BackupKind kind = BackupKind::daily) {
    auto outcome = site_.back_up(destination_.store, kind);
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::move(outcome).value();
  }
  BackupSite site_;
  Destination<Store> destination_;
};

using Stores = testing::Types<FolderObjectStore, MemoryObjectStore, S3ObjectStore>;
TYPED_TEST_SUITE(BackupMakerSuite, Stores);

TYPED_TEST(BackupMakerSuite, KeepsEveryByteOnce) {
  this->site_.publish(1, "one");
  this->site_.publish(2, "two");
  BackupSite::write(this->site_.public_ / "pool/again", "two");
  const auto outcome = this->make();
  EXPECT_EQ(outcome.manifest.release, 2u);
  EXPECT_EQ(outcome.manifest.files.size(), 8u);
  EXPECT_EQ(outcome.new_blobs, 7u);
  EXPECT_TRUE(this->missing_blobs(outcome.manifest).empty());
  EXPECT_TRUE(outcome.warnings.empty());
  EXPECT_EQ(manifest_text(BackupVault(this->destination_.store).manifest(outcome.manifest.id).value()),
            manifest_text(outcome.manifest));
  EXPECT_FALSE(std::filesystem::exists(this->site_.state_ / "backup.scratch"));
}

TYPED_TEST(BackupMakerSuite, TheNextOneBringsWhatIsNew) {
  this->site_.publish(1, "one");
  const auto first = this->make();
  EXPECT_EQ(this->make().new_blobs, 0u);
  this->site_.publish(2, "two");
  const auto third = this->make();
  EXPECT_EQ(third.new_blobs, 3u);
  EXPECT_EQ(third.manifest.release, 2u);
  EXPECT_GT(third.manifest.id, first.manifest.id);
}

TYPED_TEST(BackupMakerSuite, ABlobThatWentOrShrankIsBroughtAgain) {
  this->site_.publish(1, "one");
  this->make();
  auto& store = this->destination_.store;
  ASSERT_TRUE(store.remove(ObjectKey::parse(BackupVault::blob_name(sha256("one"))).value()));
  ASSERT_TRUE(store.put(ObjectKey::parse(BackupVault::blob_name(sha256("signed 1"))).value(), "sig"));
  const auto second = this->make();
  EXPECT_EQ(second.new_blobs, 2u);
  EXPECT_EQ(read_small_object(store, ObjectKey::parse(BackupVault::blob_name(sha256("signed 1"))).value(), 100).value(),
            "signed 1");
}

TYPED_TEST(BackupMakerSuite, RetentionTakesManifestsThenWhatOnlyTheyNamed) {
  this->site_.policy_.keep_daily = 2;
  this->site_.publish(1, "one");
  const auto first = this->make();
  const auto change = this->make(BackupKind::before_change);
  std::filesystem::remove_all(this->site_.public_ / "pool");
  std::filesystem::remove_all(this->site_.public_ / "releases/000001");
  this->site_.publish(2, "two");
  for (int number = 1; number <= 2; ++number) {
    this->site_.clock_.set(Timestamp{1'800'000'000 + number * day});
    EXPECT_EQ(this->make().removed.size(), number == 2 ? 1u : 0u);
  }
  BackupVault vault(this->destination_.store);
  EXPECT_EQ(vault.backups()->size(), 3u);
  EXPECT_EQ(vault.manifest(first.manifest.id).error().code, ErrorCode::not_found);
  EXPECT_TRUE(this->missing_blobs(vault.manifest(change.manifest.id).value()).empty());
  this->site_.policy_.keep_before_change = 1;
  this->site_.clock_.set(Timestamp{1'800'000'000 + 3 * day});
  EXPECT_EQ(this->make(BackupKind::before_change).removed, std::vector<BackupId>{change.manifest.id});
  EXPECT_FALSE(this->objects().contains(BackupVault::blob_name(sha256("one"))));
  EXPECT_TRUE(this->objects().contains(BackupVault::blob_name(sha256("two"))));
}

TYPED_TEST(BackupMakerSuite, AFailedOneLeavesTheOthersAndTheNextGoesOn) {
  this->site_.publish(1, "one");
  const auto first = this->make();
  this->site_.publish(2, "two");
  // After the public bytes, before the manifest.
  this->site_.sources_.secrets.also = {this->site_.folder_ / "absent"};
  ASSERT_FALSE(this->site_.back_up(this->destination_.store));
  BackupVault vault(this->destination_.store);
  EXPECT_EQ(vault.backups().value(), std::vector<BackupId>{first.manifest.id});
  EXPECT_TRUE(this->missing_blobs(vault.manifest(first.manifest.id).value()).empty());
  EXPECT_TRUE(this->objects().contains(BackupVault::blob_name(sha256("two"))));
  this->site_.sources_.secrets.also.clear();
  const auto next = this->make();
  EXPECT_EQ(next.new_blobs, 0u);
  EXPECT_EQ(next.manifest.release, 2u);
}

class BackupMakerTest : public testing::Test {
 protected:
  BackupSite site_;
  MemoryObjectStore store_;
};

TEST_F(BackupMakerTest, NothingSecretLeavesUnencryptedUnlessItIsSaid) {
  const auto refused = site_.back_up(store_, BackupKind::daily, Sealing::encrypted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid);
  EXPECT_NE(refused.error().message.find("--unencrypted"), std::string::npos);
  EXPECT_TRUE(store_.list("")->objects.empty());
  site_.make_identity();
  EXPECT_EQ(site_.back_up(store_, BackupKind::daily, Sealing::none).error().code, ErrorCode::invalid);
  const auto made = site_.back_up(store_, BackupKind::daily, Sealing::encrypted);
  ASSERT_TRUE(made) << made.error().message;
  const auto secrets = store_.list("secrets").value();
  EXPECT_FALSE(secrets.objects.empty());
  for (const ObjectInfo& info : secrets.objects)
    EXPECT_TRUE(read_small_object(store_, info.key, 1 << 24)->starts_with("age-encryption.org/v1\n")) << info.key.text();
}

// Takes away a file the moment its first bytes are asked for from the destination: a purge while a backup runs.
class PurgingStore final : public ObjectStore {
 public:
  PurgingStore(ObjectStore& inner, std::filesystem::path purged) : inner_(inner), purged_(std::move(purged)) {}
  std::string description() const override { return inner_.description(); }
  Result<ObjectListing> list(std::string_view folder) override { return inner_.list(folder); }
  Result<ObjectLevel> list_level(std::string_view folder) override { return inner_.list_level(folder); }
  Result<ObjectInfo> stat(const ObjectKey& key) override { return inner_.stat(key); }
  Result<std::unique_ptr<ObjectReader>> open(const ObjectKey& key) override { return inner_.open(key); }
  Result<void> put(const ObjectKey& key, std::string_view bytes) override { return inner_.put(key, bytes); }
  Result<void> put_from(const ObjectKey& key, ObjectReader& reader) override {
    std::filesystem::remove(purged_);
    return inner_.put_from(key, reader);
  }
  Result<void> move(const ObjectKey& from, const ObjectKey& to) override { return inner_.move(from, to); }
  Result<void> remove(const ObjectKey& key) override { return inner_.remove(key); }

 private:
  ObjectStore& inner_;
  std::filesystem::path purged_;
};

TEST_F(BackupMakerTest, WhatIsPurgedMeanwhileIsLookedForAnew) {
  site_.publish(1, "one");
  // The last by name, so that others are put before it is read.
  const auto purged = site_.public_ / "z";
  BackupSite::write(purged, "to be purged");
  PurgingStore purging(store_, purged);
  const auto made = site_.back_up(purging);
  ASSERT_TRUE(made) << made.error().message;
  for (const KeptFile& file : made->manifest.files) EXPECT_NE(file.path.text(), "public/z");
  EXPECT_EQ(made->manifest.release, 1u);
  EXPECT_FALSE(store_.stat(ObjectKey::parse(BackupVault::blob_name(sha256("to be purged"))).value()));
}

TEST_F(BackupMakerTest, OtherBytesUnderAPublishedNameAreNotTakenForIt) {
  site_.publish(1, "one");
  ASSERT_TRUE(site_.back_up(store_));
  const auto file = site_.public_ / "pool/deb/core/2025/acme_1_all.deb";
  const auto time = std::filesystem::last_write_time(file);
  BackupSite::write(file, "0ne");
  std::filesystem::last_write_time(file, time);
  // Its digest is known and its blob there: nothing is read, the good bytes stay.
  EXPECT_EQ(site_.back_up(store_)->new_blobs, 0u);
  ASSERT_TRUE(store_.remove(ObjectKey::parse(BackupVault::blob_name(sha256("one"))).value()));
  const auto refused = site_.back_up(store_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
  EXPECT_NE(refused.error().message.find("acme_1_all.deb"), std::string::npos);
}

TEST_F(BackupMakerTest, ADamagedManifestIsToldAndStopsRemovalsOnly) {
  site_.publish(1, "one");
  const auto first = site_.back_up(store_).value();
  ASSERT_TRUE(store_.put(ObjectKey::parse(BackupVault::manifest_name(first.manifest.id)).value(), "damaged"));
  const auto second = site_.back_up(store_);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_FALSE(second->warnings.empty());
  EXPECT_NE(second->warnings[0].find(BackupVault::manifest_name(first.manifest.id)), std::string::npos);
}

TEST_F(BackupMakerTest, OneAtATimeAndAwayIsSaid) {
  {
    const auto lock = StoreLock::take(site_.state_ / "backup.lock").value();
    EXPECT_EQ(site_.back_up(store_).error().code, ErrorCode::conflict);
  }
  store_.fail_with(Error{ErrorCode::unavailable, "away"});
  EXPECT_EQ(site_.back_up(store_).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace packyard
