#include "promote/unpacked_archive.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

TEST(UnpackedArchive, NamesAreNormalised) {
  EXPECT_EQ(normalise_member_name("a/b"), "a/b");
  EXPECT_EQ(normalise_member_name("./a//./b/"), "a/b");
  EXPECT_EQ(normalise_member_name("./"), "");
  EXPECT_EQ(normalise_member_name("..a/b.."), "..a/b..");
  EXPECT_EQ(normalise_member_name("/a").error().message, "an absolute name");
  EXPECT_EQ(normalise_member_name("a/../b").error().message, "a name that leaves the archive");
  EXPECT_FALSE(normalise_member_name(".."));
}

TEST(UnpackedArchive, LinksAreReadFromTheirFolder) {
  EXPECT_EQ(resolve_member_name("a/b/", "../c/layer.tar"), "a/c/layer.tar");
  EXPECT_EQ(resolve_member_name("", "layer.tar"), "layer.tar");
  EXPECT_EQ(resolve_member_name("a", "../x"), "x");
  EXPECT_FALSE(resolve_member_name("a", "../../x"));
  EXPECT_FALSE(resolve_member_name("a", "/x"));
}

TEST(UnpackedArchive, FindsMembersAndWhatLinksMean) {
  UnpackedArchive archive;
  archive.members["a/file"] = {"/scratch/0", 3, sha256("abc")};
  archive.links["b/link"] = "a/file";
  ASSERT_NE(archive.find("./a/file"), nullptr);
  EXPECT_EQ(archive.find("b/link"), archive.find("a/file"));
  EXPECT_EQ(archive.find("a"), nullptr);
  EXPECT_EQ(archive.find("/a/file"), nullptr);
  EXPECT_EQ(archive.find("b/../a/file"), nullptr);
}

}  // namespace
}  // namespace packyard
