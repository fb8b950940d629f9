#include "backup/backup_manifest.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

BackupManifest sample() {
  BackupManifest manifest;
  manifest.id = {Timestamp{1'800'000'000}, BackupKind::before_change};
  manifest.version = "0.1.0";
  manifest.release = 42;
  manifest.files = {{KeptPath::parse("public/pool/a \"b\"").value(), 7, sha256("a"), 1'800'000'000'123'456'789}};
  manifest.links = {{KeptPath::parse("public/current").value(), "releases/000042"}};
  manifest.secrets = {{KeptPath::parse("keys/keys.db").value(), 9, sha256("k"), 5}};
  return manifest;
}

std::string with_digest(std::string lines, int count) {
  return lines + "{\"end\":" + std::to_string(count) + ",\"sha256\":\"" + sha256(lines).hex() + "\"}\n";
}

TEST(BackupManifest, IsReadBack) {
  const auto read = parse_manifest(manifest_text(sample()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, sample().id);
  EXPECT_EQ(read->release, 42u);
  EXPECT_EQ(read->sealing, Sealing::encrypted);
  ASSERT_EQ(read->files.size(), 1u);
  EXPECT_EQ(read->files[0].path, sample().files[0].path);
  EXPECT_EQ(read->files[0].sha256, sha256("a"));
  EXPECT_EQ(read->files[0].modified_ns, 1'800'000'000'123'456'789u);
  EXPECT_EQ(read->links.at(0).target, "releases/000042");
  EXPECT_EQ(read->secrets.at(0).size_bytes, 9u);
  EXPECT_EQ(manifest_text(*read), manifest_text(sample()));
}

TEST(BackupManifest, NoReleaseAndNoEncryptionAreSaid) {
  BackupManifest manifest = sample();
  manifest.release.reset();
  manifest.sealing = Sealing::none;
  const auto read = parse_manifest(manifest_text(manifest)).value();
  EXPECT_FALSE(read.release);
  EXPECT_EQ(read.sealing, Sealing::none);
}

TEST(BackupManifest, EachFlippedBitAndEachMissingEndIsFound) {
  const std::string whole = manifest_text(sample());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_FALSE(parse_manifest(damaged)) << at;
    EXPECT_FALSE(parse_manifest(whole.substr(0, at))) << at;
  }
  EXPECT_EQ(parse_manifest(whole + "x").error().code, ErrorCode::corrupt);
  EXPECT_EQ(parse_manifest(whole + whole).error().code, ErrorCode::corrupt);
}

TEST(BackupManifest, WhatLeavesItsFolderIsRefusedWhoeverSigned) {
  const std::string head = "{\"packyard_backup\":1,\"id\":\"20270115T080000Z-daily\",\"version\":\"1\",\"sealed\":true}\n";
  const std::string hex = sha256("").hex();
  EXPECT_TRUE(parse_manifest(with_digest(head, 0)));
  for (const std::string& line :
       {"{\"file\":\"public/../../x\",\"size\":1,\"sha256\":\"" + hex + "\",\"modified_ns\":1}",
        "{\"file\":\"/etc/passwd\",\"size\":1,\"sha256\":\"" + hex + "\",\"modified_ns\":1}",
        "{\"file\":\"public/x\",\"size\":-1,\"sha256\":\"" + hex + "\",\"modified_ns\":1}",
        "{\"file\":\"public/x\",\"size\":1,\"sha256\":\"" + hex.substr(1) + "\",\"modified_ns\":1}",
        "{\"secret\":\"public/x\",\"size\":1,\"sha256\":\"" + hex + "\"}",
        std::string("{\"link\":\"public/current\",\"to\":\"/etc\"}"),
        std::string("{\"link\":\"public/current\",\"to\":\"../../x\"}"), std::string("{}"), std::string("[]"), std::string("x")})
    EXPECT_EQ(parse_manifest(with_digest(head + line + "\n", 1)).error().code, ErrorCode::corrupt) << line;
}

TEST(BackupManifest, ANewerFormIsNotCalledDamaged) {
  const std::string head = "{\"packyard_backup\":2,\"id\":\"20270115T080000Z-daily\",\"version\":\"9\",\"sealed\":true}\n";
  EXPECT_EQ(parse_manifest(with_digest(head, 0)).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
