#include "verify/tree_grammar.h"

#include <gtest/gtest.h>

#include "core/tree_path.h"

namespace packyard {
namespace {

const TargetId rpm = TargetId::parse("rpm/core/2025/el9-x86_64").value();
const TargetId deb = TargetId::parse("deb/core/2025/bookworm").value();

TEST(TreeGrammar, AgreesWithWhatTheWritersMake) {
  const Sha256 digest = sha256("x");
  EXPECT_TRUE(tree_grammar::is_package(rpm, tree_path::rpm_package(rpm, "Acme-1.0~rc1^git+2-1.el9.x86_64.rpm")));
  EXPECT_TRUE(tree_grammar::is_package(deb, tree_path::deb_package(deb, "libacme", "libacme++1_1.0~rc1+dfsg-1_amd64.deb")));
  EXPECT_TRUE(tree_grammar::is_package(deb, tree_path::deb_package(deb, "acme", "acme_1.0_all.deb")));
  EXPECT_EQ(tree_grammar::index_digest(rpm, tree_path::rpm_index(rpm, digest, "primary.xml.zst")), digest.hex());
  EXPECT_EQ(tree_grammar::index_digest(deb, tree_path::deb_by_hash(deb, digest)), digest.hex());
  EXPECT_EQ(tree_grammar::by_hash_path(deb, digest.hex()), tree_path::deb_by_hash(deb, digest));
  EXPECT_EQ(tree_grammar::repodata_path(rpm, "repodata/" + digest.hex() + "-x.xml"), tree_path::rpm_index(rpm, digest, "x.xml"));
  EXPECT_EQ(tree_grammar::generation_folder(rpm, 7), tree_path::generation(rpm, 7) + "/");
  EXPECT_EQ(tree_grammar::target_link(rpm, 1234567), tree_path::release_target_link(rpm, 1234567));
  EXPECT_EQ(tree_grammar::parse_release(tree_path::release(42)), 42u);
  EXPECT_EQ(tree_grammar::package_path(deb, tree_path::deb_filename(deb, "acme", "a_1_all.deb")),
            tree_path::deb_package(deb, "acme", "a_1_all.deb"));
}

TEST(TreeGrammar, RefusesEverythingElse) {
  for (const char* path : {"", "/pool", "pool/", "pool//x", "pool/./x", "pool/../x", "..", "pool/a b", "pool/a%2fb", "pool/a\\b",
                           "pool/a?b", "pool/ä"})
    EXPECT_FALSE(tree_grammar::is_sound(path)) << path;
  for (const char* digits : {"", "42", "00042", "000000", "0000042", "00004a", "-00042", "0000000000000000001"})
    EXPECT_FALSE(tree_grammar::parse_number(digits)) << digits;
  EXPECT_EQ(tree_grammar::parse_number("1000000"), 1'000'000u);
  for (const char* path : {"pool/rpm/core/2025/el9-x86_64/packages/b/acme.rpm", "pool/rpm/core/2025/el9-x86_64/acme.rpm",
                           "pool/rpm/plus/2025/el9-x86_64/packages/a/acme.rpm",
                               "pool/rpm/core/2025/el9-x86_64/packages/a/b/acme.rpm",
                           "pool/rpm/core/2025/el9-x86_64/packages/a/acme.deb"})
    EXPECT_FALSE(tree_grammar::is_package(rpm, path)) << path;
  for (const char* path : {"pool/deb/core/2025/pool/trixie/a/acme/a.deb", "pool/deb/core/2025/pool/bookworm/l/libacme/a.deb",
                           "pool/deb/core/2025/pool/bookworm/a/acme/.deb", "pool/deb/core/2025/pool/bookworm/b/acme/a.deb"})
    EXPECT_FALSE(tree_grammar::is_package(deb, path)) << path;
  EXPECT_EQ(tree_grammar::repodata_path(rpm, "repodata/primary.xml.gz"), "");
  EXPECT_EQ(tree_grammar::repodata_path(rpm, "packages/a/x.rpm"), "");
  EXPECT_FALSE(tree_grammar::index_digest(deb, "index/deb/core/2025/bookworm/by-hash/SHA256/" + std::string(63, '0')));
  EXPECT_FALSE(tree_grammar::index_digest(rpm, "index/rpm/core/2025/el9-x86_64/" + std::string(64, '0')));
}

}  // namespace
}  // namespace packyard
