#include "core/tree_path.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

const TargetId rpm = TargetId::parse("rpm/core/2025/el9-x86_64").value();
const TargetId deb = TargetId::parse("deb/core/2025/bookworm").value();

TEST(TreePath, ShapesAreThoseOfTheContract) {
  EXPECT_EQ(tree_path::rpm_package(rpm, "Acme-1.0-1.el9.x86_64.rpm"),
            "pool/rpm/core/2025/el9-x86_64/packages/a/Acme-1.0-1.el9.x86_64.rpm");
  EXPECT_EQ(tree_path::deb_package(deb, "acme", "acme_1.0_amd64.deb"),
            "pool/deb/core/2025/pool/bookworm/a/acme/acme_1.0_amd64.deb");
  EXPECT_EQ(tree_path::deb_package(deb, "libx", "libx1_1.0_amd64.deb"),
            "pool/deb/core/2025/pool/bookworm/libx/libx/libx1_1.0_amd64.deb");
  EXPECT_EQ(tree_path::deb_filename(deb, "acme", "acme_1.0_amd64.deb"), "pool/bookworm/a/acme/acme_1.0_amd64.deb");
  EXPECT_EQ(tree_path::generation(rpm, 7), "generations/rpm/core/2025/el9-x86_64/000007");
  EXPECT_EQ(tree_path::release_target(42, deb), "releases/000042/deb/core/2025/bookworm");
  EXPECT_EQ(tree_path::release(1234567), "releases/1234567");
  EXPECT_EQ(tree_path::rpm_url(rpm, "repodata/repomd.xml"), "rpm/core/2025/el9-x86_64/repodata/repomd.xml");
  EXPECT_EQ(tree_path::deb_dists_url(deb, "InRelease"), "deb/core/2025/dists/bookworm/InRelease");
}

TEST(TreePath, ReleaseLinkReachesTheGeneration) {
  // From releases/000042/rpm/core/2025/ five folders up is public/.
  EXPECT_EQ(tree_path::release_target_link(rpm, 7), "../../../../../generations/rpm/core/2025/el9-x86_64/000007");
}

}  // namespace
}  // namespace packyard
