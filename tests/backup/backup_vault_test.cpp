#include "backup/backup_vault.h"

#include <gtest/gtest.h>

#include "backup/checked_reader.h"
#include "core/durable_file.h"
#include "tests/support/memory_object_store.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

class BackupVaultTest : public testing::Test {
 protected:
  BackupManifest put(std::int64_t at, const std::vector<std::string>& blobs) {
    BackupManifest manifest;
    manifest.id = {Timestamp{at}, BackupKind::daily};
    manifest.version = "1";
    for (const std::string& bytes : blobs) {
      put_object(BackupVault::blob_name(sha256(bytes)), bytes);
      manifest.files.push_back({KeptPath::parse("public/" + bytes).value(), bytes.size(), sha256(bytes), 0});
    }
    put_object(BackupVault::secret_name(manifest.id, 0), "sealed");
    manifest.secrets.push_back({KeptPath::parse("keys/keys.db").value(), 6, sha256("sealed"), 0});
    EXPECT_TRUE(vault_.put_manifest(manifest));
    return manifest;
  }
  void put_object(const std::string& name, std::string_view bytes) {
    ASSERT_TRUE(store_.put(ObjectKey::parse(name).value(), bytes));
  }
  bool has(const std::string& name) { return store_.stat(ObjectKey::parse(name).value()).has_value(); }

  MemoryObjectStore store_;
  BackupVault vault_{store_};
};

TEST_F(BackupVaultTest, ABackupIsThereWhenItsManifestIs) {
  EXPECT_TRUE(vault_.backups()->empty());
  const auto second = put(2000, {"a"}), first = put(1000, {"a", "b"});
  put_object("secrets/20270115T080000Z-daily/0000", "of one that was interrupted");
  put_object("manifests/notes.txt", "of an operator");
  EXPECT_EQ(vault_.backups().value(), (std::vector<BackupId>{first.id, second.id}));
  EXPECT_EQ(manifest_text(vault_.manifest(first.id).value()), manifest_text(first));
  EXPECT_EQ(vault_.manifest({Timestamp{3000}, BackupKind::daily}).error().code, ErrorCode::not_found);
  EXPECT_EQ(vault_.blobs().value(), (std::map<Sha256, std::uint64_t>{{sha256("a"), 1}, {sha256("b"), 1}}));
}

TEST_F(BackupVaultTest, BlobsGoWhenNoManifestNamesThem) {
  const auto first = put(1000, {"a", "b"}), second = put(2000, {"b", "c"});
  put_object("blobs/00/.put.17.abc", "half");
  put_object("secrets/20270115T080000Z-daily/0000", "of one that was interrupted");
  EXPECT_EQ(vault_.remove_unneeded().value(), 2u);
  ASSERT_TRUE(vault_.remove(first.id));
  EXPECT_EQ(vault_.backups().value(), std::vector<BackupId>{second.id});
  EXPECT_TRUE(has(BackupVault::blob_name(sha256("a"))));
  EXPECT_FALSE(has(BackupVault::secret_name(first.id, 0)));
  EXPECT_EQ(vault_.remove_unneeded().value(), 1u);
  EXPECT_FALSE(has(BackupVault::blob_name(sha256("a"))));
  EXPECT_TRUE(has(BackupVault::blob_name(sha256("b"))));
  EXPECT_TRUE(has(BackupVault::blob_name(sha256("c"))));
}

TEST_F(BackupVaultTest, WhileAManifestCannotBeReadNothingGoes) {
  const auto first = put(1000, {"a"}), second = put(2000, {"b"});
  put_object(BackupVault::manifest_name(first.id), "damaged");
  const auto removed = vault_.remove_unneeded();
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::corrupt);
  EXPECT_NE(removed.error().message.find(BackupVault::manifest_name(first.id)), std::string::npos);
  EXPECT_TRUE(has(BackupVault::blob_name(sha256("a"))));
}

TEST_F(BackupVaultTest, AManifestUnderAnotherNameIsRefused) {
  const auto first = put(1000, {"a"});
  const BackupId other{Timestamp{2000}, BackupKind::daily};
  put_object(BackupVault::manifest_name(other), manifest_text(first));
  EXPECT_EQ(vault_.manifest(other).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace packyard
