#include "promote/oci_unpacker.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/durable_file.h"
#include "tests/promote/stream_samples.h"
#include "tests/promote/tar_samples.h"
#include "tests/support/temporary_folder.h"

namespace packyard {
namespace {

Result<UnpackedArchive> unpack(const std::filesystem::path& scratch, std::string_view bytes, UnpackLimits limits = {},
                               std::size_t piece_bytes = 100'000) {
  OciUnpacker unpacker(scratch, limits);
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) TRY(unpacker.write(bytes.substr(at, piece_bytes)));
  return unpacker.finish();
}

std::string refusal(std::string_view bytes, UnpackLimits limits = {}) {
  TemporaryFolder scratch;
  const auto outcome = unpack(scratch.path(), bytes, limits);
  if (outcome) return "";
  EXPECT_EQ(outcome.error().code, ErrorCode::invalid) << outcome.error().message;
  return outcome.error().message;
}

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(OciUnpacker, WritesEachMemberOnceAndHashesIt) {
  TemporaryFolder scratch;
  const std::string large = sample_text();
  const std::string bytes = tar_member("./", "", '5') + tar_member("./blobs/", "", '5') + tar_member("./blobs/large", large) +
                            tar_member("./index.json", "{}") + tar_member("empty", "") + tar_end();
  const auto archive = unpack(scratch.path(), bytes);
  ASSERT_TRUE(archive.has_value()) << archive.error().message;
  ASSERT_EQ(archive->members.size(), 3U);
  const UnpackedMember& member = archive->members.at("blobs/large");
  EXPECT_EQ(member.size_bytes, large.size());
  EXPECT_EQ(member.sha256, sha256(large));
  EXPECT_EQ(read_small_file(member.file, 4 << 20), large);
  EXPECT_EQ(read_small_file(archive->find("index.json")->file, 10), "{}");
  EXPECT_EQ(archive->members.at("empty").sha256, sha256(""));
  EXPECT_EQ(files_in(scratch), 3U);
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    EXPECT_TRUE(std::ranges::all_of(entry.path().filename().string(), [](char c) { return c >= '0' && c <= '9'; }));
}

TEST(OciUnpacker, LinksOfOldDockerArchivesAreResolved) {
  TemporaryFolder scratch;
  const std::string bytes = tar_member("one/layer.tar", "layer") + tar_member("two/layer.tar", "", '2', "../one/layer.tar") +
                            tar_member("three/layer.tar", "", '2', "../two/layer.tar") +
                            tar_member("hard", "", '1', "./one/layer.tar") + tar_member("early", "", '2', "late") +
                            tar_member("late", "l") + tar_end();
  const auto archive = unpack(scratch.path(), bytes);
  ASSERT_TRUE(archive.has_value()) << archive.error().message;
  EXPECT_EQ(archive->links.at("two/layer.tar"), "one/layer.tar");
  EXPECT_EQ(archive->links.at("three/layer.tar"), "one/layer.tar");
  EXPECT_EQ(archive->links.at("hard"), "one/layer.tar");
  EXPECT_EQ(archive->links.at("early"), "late");
  EXPECT_EQ(archive->members.size(), 2U);
}

TEST(OciUnpacker, NamesAndLinksThatEscapeAreRefused) {
  const std::string target = tar_member("file", "f");
  EXPECT_EQ(refusal(tar_member("/etc/passwd", "x") + tar_end()), "the image archive has an absolute name: '/etc/passwd'");
  EXPECT_EQ(refusal(tar_member("a/../../x", "x") + tar_end()),
            "the image archive has a name that leaves the archive: 'a/../../x'");
  EXPECT_EQ(refusal(tar_member("../", "", '5') + tar_end()), "the image archive has a name that leaves the archive: '../'");
  EXPECT_EQ(refusal(target + tar_member("a", "", '2', "/etc/passwd") + tar_end()),
            "the image archive has a link to '/etc/passwd', outside of itself: 'a'");
  EXPECT_EQ(refusal(target + tar_member("a", "", '2', "../file") + tar_end()),
            "the image archive has a link to '../file', outside of itself: 'a'");
  EXPECT_EQ(refusal(target + tar_member("a/b", "", '1', "../file") + tar_end()),
            "the image archive has a link to '../file', outside of itself: 'a/b'");
  EXPECT_EQ(refusal(target + tar_member("a", "", '2', "nothing") + tar_end()),
            "the image archive has a link to 'nothing', which it does not hold: 'a'");
  EXPECT_EQ(refusal(tar_member("a", "", '2', "b") + tar_member("b", "", '2', "a") + tar_end()),
            "the image archive has a link that loops: 'a'");
  EXPECT_EQ(refusal(tar_member("a", "", '2', "a") + tar_end()), "the image archive has a link that loops: 'a'");
  EXPECT_EQ(refusal(tar_member("\x1b[2Jx", "", '2', "b") + tar_end()),
            "the image archive has a link to 'b', which it does not hold: '\\x1b[2Jx'");
}

TEST(OciUnpacker, OnlyFilesFoldersAndLinks) {
  for (const char type : {'3', '4', '6'})
    EXPECT_EQ(refusal(tar_member("dev", "", type) + tar_end()), "the image archive has a device, fifo or socket: 'dev'");
}

TEST(OciUnpacker, ANameTwiceMustMeanTheSame) {
  TemporaryFolder scratch;
  const auto same = unpack(scratch.path(), tar_member("a", "1") + tar_member("./a", "1") + tar_end());
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->members.size(), 1U);
  EXPECT_EQ(files_in(scratch), 1U);
  const std::string wanted = "the image archive has two different members of one name: 'a'";
  EXPECT_EQ(refusal(tar_member("a", "1") + tar_member("./a", "2") + tar_end()), wanted);
  EXPECT_EQ(refusal(tar_member("b", "1") + tar_member("a", "1") + tar_member("a", "", '2', "b") + tar_end()), wanted);
  EXPECT_EQ(refusal(tar_member("b", "1") + tar_member("a", "", '2', "b") + tar_member("a", "1") + tar_end()), wanted);
  EXPECT_EQ(refusal(tar_member("b", "1") + tar_member("c", "1") + tar_member("a", "", '2', "b") + tar_member("a", "", '1', "c") +
                    tar_end()),
            wanted);
}

TEST(OciUnpacker, CountsAndNamesAreLimited) {
  const std::string three = tar_member("a", "") + tar_member("b/", "", '5') + tar_member("c", "");
  EXPECT_EQ(refusal(three + tar_end(), {.members_max = 3}), "");
  EXPECT_EQ(refusal(three + tar_end(), {.members_max = 2}), "the image archive has more than 2 members");
  EXPECT_EQ(refusal(tar_member("12345", "") + tar_end(), {.name_bytes_max = 4}),
            "the image archive has a name longer than 4 bytes: '12345'");
  EXPECT_EQ(refusal(tar_member("a", "") + tar_member("b", "", '2', "././././a") + tar_end(), {.name_bytes_max = 4}),
            "the image archive has a name longer than 4 bytes: 'b'");
}

TEST(OciUnpacker, SparseMembersAreRefused) {
  TemporaryFolder folder;
  for (const char* format : {"gnu", "pax"})
    EXPECT_EQ(refusal(sparse_tar(folder.path(), format)),
              "the image archive has a sparse member; make it without tar's --sparse: 'holes'");
}

TEST(OciUnpacker, CompressedArchivesAreNamed) {
  const std::string tar = tar_member("a", "1") + tar_end();
  const auto wanted = [](const std::string& name) {
    return "the image archive is compressed with " + name + "; stage the plain tar: its layers are compressed already";
  };
  EXPECT_EQ(refusal(compressed(Compression::gzip, tar)), wanted("gzip"));
  EXPECT_EQ(refusal(compressed(Compression::zstd, tar)), wanted("zstd"));
  EXPECT_EQ(refusal(compressed(Compression::xz, tar)), wanted("xz"));
}

TEST(OciUnpacker, TruncationAndGarbageAreRefused) {
  const std::string tar = tar_member("a", std::string(100'000, 'a')) + tar_end();
  EXPECT_EQ(refusal(""), "the image archive is empty");
  for (const std::size_t length :
       {std::size_t{100}, std::size_t{511}, std::size_t{513}, std::size_t{50'000}, std::size_t{100'400}})
    EXPECT_NE(refusal(std::string_view(tar).substr(0, length)), "") << length;
  EXPECT_NE(refusal(std::string(10'000, 'x')), "");
  EXPECT_NE(refusal("{\"not\":\"a tar\"}"), "");
  EXPECT_NE(refusal(tar + "rest"), "");
  std::string damaged = tar + tar;
  EXPECT_EQ(refusal(damaged), "bytes follow the end of the tar archive");
  damaged = tar_member("a", "1") + tar_member("b", "2") + tar_end();
  damaged[1024 + 5] = 'x';  // in a header, which has a checksum
  EXPECT_NE(refusal(damaged), "");
}

TEST(OciUnpacker, ASizeThatIsAnnouncedCostsNothing) {
  std::string header = tar_member("a", "");
  header.replace(124, 11, "77777777777");  // 8 GiB
  unsigned sum = 0;
  header.replace(148, 8, "        ");
  for (const char c : header.substr(0, 512)) sum += static_cast<unsigned char>(c);
  char octal[8];
  std::snprintf(octal, sizeof octal, "%06o", sum);
  header.replace(148, 7, std::string_view(octal, 7));
  EXPECT_NE(refusal(header + std::string(2000, 'b')), "");
}

TEST(OciUnpacker, WhatIsWrongIsToldAtTheEndSoThatTheWholeCanBeHashed) {
  TemporaryFolder scratch;
  OciUnpacker unpacker(scratch.path());
  const std::string garbage(256 * 1024, 'x');
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(unpacker.write(garbage).has_value());
  EXPECT_EQ(unpacker.finish().error().code, ErrorCode::invalid);
}

TEST(OciUnpacker, OurOwnFailuresAreToldAtOnce) {
  OciUnpacker unpacker("/proc/no such folder");
  const std::string tar = tar_member("a", std::string(1 << 20, 'a'));
  Result<void> written;
  while (written) written = unpacker.write(tar);
  EXPECT_NE(written.error().code, ErrorCode::invalid);
  EXPECT_TRUE(written.error().message.contains("/proc/no such folder")) << written.error().message;
}

TEST(OciUnpacker, GivenUpHalfWayItEnds) {
  TemporaryFolder scratch;
  OciUnpacker unpacker(scratch.path());
  EXPECT_TRUE(unpacker.write(tar_member("a", std::string(1 << 20, 'a'))).has_value());
}

}  // namespace
}  // namespace packyard
