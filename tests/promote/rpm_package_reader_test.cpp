#include "promote/rpm_package_reader.h"

#include <gtest/gtest.h>

#include <map>

#include "core/durable_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

TEST(RpmPackageReader, ReadsEveryShape) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test_rpms())) {
    if (entry.path().extension() != ".rpm") continue;
    ++count;
    const auto facts = read_rpm_package(entry.path());
    ASSERT_TRUE(facts.has_value()) << entry.path() << ": " << facts.error().message;
    EXPECT_EQ(facts->file_name, entry.path().filename());
    EXPECT_EQ(facts->signer_key_ids.empty(), facts->name != "acme-signed") << facts->name;
  }
  EXPECT_EQ(count, 23U);
}

TEST(RpmPackageReader, TellsWhatThePackageSaysOfItself) {
  const auto read = [](const char* name) { return read_rpm_package(test_rpms() / name).value(); };
  EXPECT_EQ(read("acme-epoch-0.1-1.el9.x86_64.rpm").version, "2:0.1-1.el9");
  EXPECT_EQ(read("acme-1.0-1.el9.src.rpm").architecture, "src");
  EXPECT_EQ(read("acme-1.0-1.el9.x86_64.rpm").source_name, "acme-1.0-1.el9.src.rpm");
  EXPECT_EQ(read("acme-1.0-1.el9.x86_64.rpm").modularity, "");
  EXPECT_EQ(read("acme-server-3.2-1.module+el9.2.0+123+abcdef.x86_64.rpm").modularity, "acme:3:90020250301:abcdef12");
  const std::string key_id = read_small_file(test_rpms() / "signed-by", 100).value();
  EXPECT_EQ(read("acme-signed-1-1.el9.noarch.rpm").signer_key_ids, std::vector<std::string>{key_id.substr(0, 16)});
}

Result<PackageFacts> read_bytes(const TemporaryFolder& folder, std::string_view bytes) {
  const std::filesystem::path file = folder / "package.rpm";
  std::filesystem::remove(file);
  EXPECT_TRUE(write_new_file(file, bytes, FileMode::owner_only).has_value());
  return read_rpm_package(file);
}

TEST(RpmPackageReader, EveryTruncationAndExtraByteIsFound) {
  TemporaryFolder folder;
  for (const char* name : {"acme-1.0-1.el9.x86_64.rpm", "acme-empty-1-1.el9.noarch.rpm", "acme-signed-1-1.el9.noarch.rpm",
                           "acme-1.0-1.el9.src.rpm"}) {
    const std::string bytes = read_small_file(test_rpms() / name, 1 << 20).value();
    for (std::size_t size = 0; size < bytes.size(); size += 13) {
      const auto facts = read_bytes(folder, bytes.substr(0, size));
      ASSERT_FALSE(facts.has_value()) << name << " cut to " << size;
      EXPECT_EQ(facts.error().code, ErrorCode::invalid) << facts.error().message;
    }
    EXPECT_FALSE(read_bytes(folder, bytes.substr(0, bytes.size() - 1)).has_value());
    EXPECT_FALSE(read_bytes(folder, bytes + "x").has_value());
  }
}

// In header and payload no bit can change unseen. In front of them some carry nothing: the lead's name and architecture, which
// rpm itself ignores, and the signature header's reserved space and archive size, which signing writes anew.
TEST(RpmPackageReader, FlippedBitsInHeaderAndPayloadAreFound) {
  TemporaryFolder folder;
  for (const char* name : {"acme-1.0-1.el9.x86_64.rpm", "acme-raw-1-1.el9.noarch.rpm", "acme-signed-1-1.el9.noarch.rpm"}) {
    const std::string bytes = read_small_file(test_rpms() / name, 1 << 20).value();
    const std::size_t header = bytes.find("\x8e\xad\xe8\x01", 200);
    ASSERT_NE(header, std::string::npos);
    for (std::size_t at = header; at < bytes.size(); at += std::max<std::size_t>(1, (bytes.size() - header) / 400)) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      EXPECT_FALSE(read_bytes(folder, damaged).has_value()) << name << " byte " << at;
    }
  }
}

TEST(RpmPackageReader, FlippedDigestsAndSizesAreFound) {
  TemporaryFolder folder;
  const std::string bytes = read_small_file(test_rpms() / "acme-1.0-1.el9.x86_64.rpm", 1 << 20).value();
  // Where the signature header's own data lies: every byte that is not zero belongs to a digest, a size or the structure.
  const std::size_t header = bytes.find("\x8e\xad\xe8\x01", 200);
  std::size_t missed = 0;
  for (std::size_t at = 96; at < header; ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    if (damaged[at] != 0x10 && read_bytes(folder, damaged).has_value()) ++missed;
  }
  EXPECT_LE(missed, 40U);  // index entries and value of the archive size and the reserved space, the region's trailer
}

TEST(RpmPackageReader, RefusesOtherThingsWithWords) {
  TemporaryFolder folder;
  for (const auto& [bytes, why] : {std::pair<std::string, const char*>{"", "truncated"},
                                   {std::string(200, 'x'), "begin as one"},
                                   {"\xed\xab\xee\xdb" + std::string(200, '\0'), "format 0"}}) {
    const auto facts = read_bytes(folder, bytes);
    ASSERT_FALSE(facts.has_value());
    EXPECT_NE(facts.error().message.find(why), std::string::npos) << facts.error().message;
  }
}

}  // namespace
}  // namespace packyard
