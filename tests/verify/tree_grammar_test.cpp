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

const TargetId oci = TargetId::parse("oci/core/2025/server").value();

TEST(TreeGrammar, KnowsWhatAnImageRepositoryHolds) {
  const Sha256 digest = sha256("x");
  const std::string root = "pool/oci/core/2025/server/", hex = digest.hex();
  EXPECT_EQ(tree_grammar::manifest_path(oci, digest), root + "manifests/sha256/" + hex);
  EXPECT_EQ(tree_grammar::blob_path(oci, digest), root + "blobs/sha256/" + hex);
  EXPECT_EQ(tree_grammar::object_digest(oci, root + "blobs/sha256/" + hex), digest);
  EXPECT_EQ(tree_grammar::object_digest(oci, root + "manifests/sha256/" + hex), digest);
  for (const std::string& path : {root + "blobs/sha256/" + hex + "0", root + "blobs/" + hex, root + "layers/sha256/" + hex,
                                  "pool/oci/plus/2025/server/blobs/sha256/" + hex, root + "images/1-" + hex.substr(0, 16) + ".json"})
    EXPECT_FALSE(tree_grammar::object_digest(oci, path)) << path;
  EXPECT_EQ(tree_grammar::record_tag(oci, root + "images/1.4.2-rc1-0123456789abcdef.json"), "1.4.2-rc1");
  EXPECT_TRUE(tree_grammar::is_package(oci, root + "images/1-0123456789abcdef.json"));
  for (const std::string& path :
       {root + "images/1-0123456789abcde.json", root + "images/1-0123456789abcdeF.json", root + "images/0123456789abcdef.json",
        root + "images/-0123456789abcdef.json", root + "images/.x-0123456789abcdef.json", root + "images/1_0123456789abcdef.json",
        root + "images/a/1-0123456789abcdef.json", root + "images/sha256-" + hex + ".sig-0123456789abcdef.json"})
    EXPECT_FALSE(tree_grammar::is_package(oci, path)) << path;
  EXPECT_FALSE(tree_grammar::record_tag(rpm, "pool/rpm/core/2025/el9-x86_64/images/1-0123456789abcdef.json"));
  EXPECT_FALSE(tree_grammar::index_digest(oci, "index/oci/core/2025/server/" + hex + "-x"));
}

TEST(TreeGrammar, KnowsTags) {
  const std::string hex = sha256("x").hex();
  for (const std::string& tag : {std::string("1.4.2"), std::string("_x"), std::string(128, 'a'), "sha256-" + hex + ".sig"})
    EXPECT_TRUE(tree_grammar::is_tag(tag)) << tag;
  for (const std::string& tag : {std::string(""), std::string(".x"), std::string("-x"), std::string(129, 'a'), std::string("a/b"),
                                 std::string("a:b"), std::string("a+b")})
    EXPECT_FALSE(tree_grammar::is_tag(tag)) << tag;
  EXPECT_EQ(tree_grammar::signed_digest("sha256-" + hex + ".sig"), sha256("x"));
  EXPECT_EQ(tree_grammar::signature_tag(sha256("x")), "sha256-" + hex + ".sig");
  for (const std::string& tag : {"sha256-" + hex, "sha256-" + hex + ".att", "sha256-" + hex + ".sig2"}) {
    EXPECT_TRUE(tree_grammar::is_generated_tag(tag)) << tag;
    EXPECT_FALSE(tree_grammar::signed_digest(tag)) << tag;
  }
  EXPECT_FALSE(tree_grammar::is_generated_tag("sha256-build"));
}

}  // namespace
}  // namespace packyard
