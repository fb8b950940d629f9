#include "promote/rpm_version.h"

#include <gtest/gtest.h>

#include <string>

namespace packyard {
namespace {

struct Row {
  const char* left;
  int order;
  const char* right;
};
// rpm's own vectors (tests/rpmvercmp.at) as versions with a release, and epochs.
const Row rows[] = {
    {"1.0-1", 0, "1.0-1"},
    {"1.0-1", -1, "2.0-1"},
    {"2.0.1-1", 0, "2.0.1-1"},
    {"2.0-1", -1, "2.0.1-1"},
    {"2.0.1-1", -1, "2.0.1a-1"},
    {"5.5p1-1", -1, "5.5p2-1"},
    {"5.5p10-1", 1, "5.5p1-1"},
    {"10xyz-1", -1, "10.1xyz-1"},
    {"xyz10-1", -1, "xyz10.1-1"},
    {"xyz.4-1", -1, "8-1"},
    {"5.5p2-1", -1, "5.6p1-1"},
    {"6.0.rc1-1", 1, "6.0-1"},
    {"10b2-1", 1, "10a1-1"},
    {"1.0aa-1", -1, "1.0aaa-1"},
    {"10.0001-1", 0, "10.1-1"},
    {"10.0001-1", 0, "10.0001-1"},
    {"4.999.9-1", -1, "5.0-1"},
    {"20101121-1", -1, "20101122-1"},
    {"2_0-1", 0, "2.0-1"},
    {"a+-1", 0, "a_-1"},
    {"1.0~rc1-1", -1, "1.0-1"},
    {"1.0~rc1-1", -1, "1.0~rc2-1"},
    {"1.0~rc1~git123-1", -1, "1.0~rc1-1"},
    {"1.0^-1", 1, "1.0-1"},
    {"1.0^git1-1", 1, "1.0-1"},
    {"1.0^git1-1", -1, "1.0^git2-1"},
    {"1.0^git1-1", -1, "1.01-1"},
    {"1.0^20160101-1", -1, "1.0.1-1"},
    {"1.0~rc1^git1-1", 1, "1.0~rc1-1"},
    {"1.0^git1~pre-1", -1, "1.0^git1-1"},
    {"1.0-1", -1, "1.0-1.el9"},
    {"1.0-2.el9", -1, "1.0-10.el9"},
    {"1:0.1-1", 1, "9.9-1"},
    {"0:1.0-1", 0, "1.0-1"},
    {"2:1.0-1", -1, "10:0.1-1"},
    {"1.0-1~beta", -1, "1.0-1"},
};

TEST(RpmVersion, OrdersAsRpmDoes) {
  for (const Row& row : rows) {
    const auto order = compare_rpm_versions(row.left, row.right), reverse = compare_rpm_versions(row.right, row.left);
    EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, row.order) << row.left << " " << row.right;
    EXPECT_EQ(reverse < 0 ? 1 : reverse > 0 ? -1 : 0, row.order) << row.left << " " << row.right;
  }
}

}  // namespace
}  // namespace packyard
