#include "promote/repodata_file.h"

#include <gtest/gtest.h>

#include "core/durable_file.h"
#include "core/tree_path.h"
#include "tests/promote/stream_samples.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

const TargetId target = TargetId::parse("rpm/core/2025/el9-x86_64").value();

TEST(RepodataFile, IsNamedByItsChecksumAndDescribesBothForms) {
  TemporaryFolder folder;
  const std::filesystem::path candidate = folder.path();
  RepodataFile file =
      RepodataFile::create({target, candidate, "other", "other.xml", Compression::gzip, Timestamp{1'700'000'000}}).value();
  ASSERT_TRUE(file.write("<otherdata").has_value());
  ASSERT_TRUE(file.write("/>\n").has_value());
  const auto finished = file.finish();
  ASSERT_TRUE(finished.has_value()) << finished.error().message;
  const std::string packed = read_small_file(candidate / finished->file.path, 1 << 20).value();
  EXPECT_EQ(finished->file.path, tree_path::rpm_index(target, sha256(packed), "other.xml.gz"));
  EXPECT_EQ(decompressed(Compression::gzip, packed).value(), "<otherdata/>\n");
  EXPECT_EQ(finished->repomd_entry, "  <data type=\"other\">\n    <checksum type=\"sha256\">" + sha256(packed).hex() +
                                        "</checksum>\n    <open-checksum type=\"sha256\">" + sha256("<otherdata/>\n").hex() +
                                        "</open-checksum>\n    <location href=\"repodata/" + sha256(packed).hex() +
                                        "-other.xml.gz\"/>\n    <timestamp>1700000000</timestamp>\n    <size>" +
                                        std::to_string(packed.size()) + "</size>\n    <open-size>13</open-size>\n  </data>\n");
}

TEST(RepodataFile, UncompressedHasNoOpenForm) {
  TemporaryFolder folder;
  const std::filesystem::path candidate = folder.path();
  RepodataFile file = RepodataFile::create({target, candidate, "group", "comps.xml", {}, Timestamp{1}}).value();
  ASSERT_TRUE(file.write("<comps/>").has_value());
  const auto finished = file.finish();
  ASSERT_TRUE(finished.has_value()) << finished.error().message;
  EXPECT_EQ(finished->file.path, tree_path::rpm_index(target, sha256("<comps/>"), "comps.xml"));
  EXPECT_EQ(finished->repomd_entry.find("open"), std::string::npos);
}

TEST(RepodataFile, MayBeLeftUnfinished) {
  TemporaryFolder folder;
  const std::filesystem::path candidate = folder.path();
  RepodataFile file = RepodataFile::create({target, candidate, "other", "other.xml", Compression::zstd, Timestamp{1}}).value();
  EXPECT_TRUE(file.write(sample_text()).has_value());
}

}  // namespace
}  // namespace packyard
