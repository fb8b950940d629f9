#include "promote/rpm_updateinfo.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

std::string advisory(const char* id, const char* date, const char* title) {
  return std::string("<update from=\"a@b.c\" type=\"security\" version=\"2.0\"><id>") + id + "</id><title>" + title +
         "</title><updated date=\"" + date +
         "\"/><pkglist><collection short=\"c\"><name>c</name><package name=\"acme\" version=\"1.0\" release=\"1.el9\" "
         "epoch=\"0\" arch=\"x86_64\">" +
         "<filename>acme.rpm</filename></package></collection></pkglist></update>";
}

TEST(RpmUpdateinfo, MergesByIdAndTheNewerReplaces) {
  const std::string previous =
      "<updates>" + advisory("A-1", "2025-01-01", "old") + advisory("A-2", "2025-02-01", "kept") + "</updates>";
  const std::string staged = "<updates>" + advisory("A-1", "2025-03-01", "new &amp; better") +
                             advisory("A-3", "2025-03-01", "added") + advisory("A-2", "2025-01-15", "older") + "</updates>";
  const auto merged = merge_updateinfo(previous, staged);
  ASSERT_TRUE(merged.has_value()) << merged.error().message;
  EXPECT_EQ(*merged, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>" + advisory("A-1", "2025-03-01", "new &amp; better") +
                         advisory("A-2", "2025-02-01", "kept") + advisory("A-3", "2025-03-01", "added") + "</updates>\n");
  EXPECT_EQ(merge_updateinfo(*merged, staged).value(), *merged);
  EXPECT_TRUE(merge_updateinfo("", staged).has_value());
}

TEST(RpmUpdateinfo, NamesThePackages) {
  const auto packages = packages_in_updateinfo(
      "<updates><update><id>A-1</id><pkglist><collection><package name=\"a\" version=\"1\" release=\"2\" epoch=\"3\" "
      "arch=\"noarch\"/>"
      "<package name=\"b\" version=\"1\" release=\"2\" "
      "arch=\"src\"/></collection></pkglist></update><update><id>A-2</id></update></updates>");
  ASSERT_TRUE(packages.has_value()) << packages.error().message;
  ASSERT_EQ(packages->size(), 2U);
  EXPECT_EQ((*packages)[0].version, "3:1-2");
  EXPECT_EQ((*packages)[0].advisory, "A-1");
  EXPECT_EQ((*packages)[1].version, "1-2");
}

TEST(RpmUpdateinfo, RefusesWhatDnfWouldMisread) {
  for (const char* text :
       {"", "<updates>", "<other/>", "<updates><update/></updates>", "<updates><x/></updates>",
        "<updates><update><id>A</id></update><update><id>A</id></update></updates>",
        "<!DOCTYPE u [<!ENTITY e \"x\">]><updates><update><id>&e;</id></update></updates>",
        "<!DOCTYPE u [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><updates><update><id>&e;</id></update></updates>"})
    EXPECT_EQ(merge_updateinfo("", text).error().code, ErrorCode::invalid) << text;
  EXPECT_FALSE(
      packages_in_updateinfo(
          "<updates><update><id>A</id><pkglist><collection><package name=\"a\"/></collection></pkglist></update></updates>")
          .has_value());
}

}  // namespace
}  // namespace packyard
