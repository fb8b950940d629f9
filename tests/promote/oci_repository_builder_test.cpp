#include "promote/oci_repository_builder.h"

#include "tests/promote/image_press_fixture.h"
#include "tests/support/memory_package_source.h"

namespace packyard {
namespace {

class OciRepositoryBuilderTest : public ImagePressFixture {
 protected:
  static ListedPackage package(const std::string& tag, const std::string& digest_of, std::int64_t published_at) {
    ImageRecord record{tag, sha256(digest_of), "amd64", Timestamp{published_at}, {}, {}, {}};
    record.manifests[record.top] = {"application/vnd.oci.image.manifest.v1+json", 5, std::nullopt, "", {}};
    record.blobs[sha256("payload " + tag)] = 9;
    record.signatures = {{record.top, sha256("payload " + tag), 9, "MEUC"}};
    const std::string text = image_record_text(record);
    ListedPackage listed;
    listed.facts.name = "server:" + tag;
    listed.pool_path = "pool/oci/core/2025/server/images/" + tag + ".json";
    listed.published_sha256 = sha256(text);
    listed.size_bytes = text.size();
    listed.record = text;
    return listed;
  }
  BuiltGeneration build(std::vector<ListedPackage> listed, std::vector<ListedPackage> unlisted) {
    MemoryPackageSource packages(std::move(listed)), others(std::move(unlisted));
    const auto built =
        build_oci_repository({target_, 3, Timestamp{9}, folder_ / "candidate", packages, others, {}, signer_}, public_);
    EXPECT_TRUE(built) << built.error().message;
    return *built;
  }
  const TargetId target_ = TargetId::parse("oci/core/2025/server").value();
};

TEST_F(OciRepositoryBuilderTest, HoldsWhatIsListedAndWhatWas) {
  const auto built = build({package("2.0", "b", 2)}, {package("1.0", "a", 1)});
  const std::string text = read(folder_ / "candidate/generations/oci/core/2025/server/000003/repository.json");
  const auto document = parse_json(text).value();
  ASSERT_EQ(built.files.size(), 1u);
  EXPECT_EQ(built.files[0].digest.sha256, sha256(text));
  EXPECT_EQ(document.find("tags")->find("1.0"), nullptr);
  EXPECT_EQ(document.find("tags")->find("2.0")->text, digest_text(sha256("b")));
  EXPECT_NE(document.find("manifests")->find(digest_text(sha256("a"))), nullptr);
  EXPECT_NE(document.find("tags")->find("sha256-" + sha256("a").hex() + ".sig"), nullptr);
  EXPECT_EQ(built.own_pool_files.size(), 4u);          // a signature manifest and its configuration for each digest
  EXPECT_EQ(built.objects.size(), 2u + 2u + 4u + 1u);  // manifests, payloads, the four above, the record of 1.0
}

TEST_F(OciRepositoryBuilderTest, TheSameContentGivesTheSameBytes) {
  build({package("1.0", "a", 1), package("1.1", "a", 2)}, {});
  const auto first = tree(folder_ / "candidate");
  std::filesystem::remove_all(folder_ / "candidate");
  build({package("1.1", "a", 2)}, {package("1.0", "a", 1)});
  auto second = tree(folder_ / "candidate");
  for (const auto& [name, bytes] : first) {
    if (name.starts_with("pool/")) {
      EXPECT_EQ(second[name], bytes) << name;
    }
  }
}

TEST_F(OciRepositoryBuilderTest, ADamagedRecordIsAnError) {
  auto damaged = package("1.0", "a", 1);
  damaged.record = "{";
  MemoryPackageSource packages({damaged}), none({});
  const auto built =
      build_oci_repository({target_, 3, Timestamp{9}, folder_ / "candidate", packages, none, {}, signer_}, public_);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace packyard
