#include "core/storage_settings.h"

#include <gtest/gtest.h>

#include "core/settings_file.h"
#include "core/settings_text.h"

namespace packyard {
namespace {

Result<Settings> load(const std::string& storage, const Environment& environment = {}) {
  return parse_settings(
      "components: [{name: core, years: [2025]}]\nstorage: {" + storage + ", state: t, published: p, public_keys: k}\n", "/base",
      "packyard.yml", environment);
}

std::string problem_of(const std::string& storage, const Environment& environment = {}) {
  const auto settings = load(storage, environment);
  return settings ? "none" : settings.error().message;
}

TEST(StorageSettings, StagingIsAFolder) {
  const auto storage = load("staging: s, archive: a").value().storage;
  EXPECT_EQ(storage.staging, "/base/s");
  EXPECT_EQ(storage.archive, "/base/a");
  EXPECT_FALSE(storage.staging_s3);
}

TEST(StorageSettings, StagingIsAPlaceOnS3) {
  const auto settings = load("staging: {s3: {endpoint: 'http://staging:9000/', bucket: packages, prefix: in/core}}");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_TRUE(settings->storage.staging_s3);
  const S3Settings& s3 = *settings->storage.staging_s3;
  EXPECT_EQ(s3.endpoint.url(), "http://staging:9000");
  EXPECT_EQ(s3.region, "us-east-1");
  EXPECT_EQ(s3.bucket, "packages");
  EXPECT_EQ(s3.prefix, "in/core");
  EXPECT_EQ(s3.style, S3Style::path);
  EXPECT_TRUE(settings->storage.staging.empty());
  EXPECT_TRUE(settings->storage.archive.empty());
}

TEST(StorageSettings, IsShownAndLoadsAgain) {
  const auto settings = load(
      "staging: {s3: {endpoint: 'https://s3.example.org', region: eu-west-1, bucket: b-1, style: virtual-host}}, archive: a");
  ASSERT_TRUE(settings) << settings.error().message;
  const std::string shown = settings_text(*settings);
  EXPECT_NE(
      shown.find("staging: {s3: {endpoint: \"https://s3.example.org\", region: \"eu-west-1\", bucket: \"b-1\", prefix: \"\", "
                 "style: virtual-host}}\n  archive: \"/base/a\""),
      std::string::npos)
      << shown;
  EXPECT_EQ(settings_text(parse_settings(shown, "/base", "shown", {}).value()), shown);
}

TEST(StorageSettings, VariablesDecideOverTheFile) {
  const Environment s3 = {{"PACKYARD_STORAGE_STAGING_S3_ENDPOINT", "http://a:1"},
                          {"PACKYARD_STORAGE_STAGING_S3_BUCKET", "other"}};
  EXPECT_EQ(load("staging: s", s3).value().storage.staging_s3->bucket, "other");
  EXPECT_EQ(load("staging: {s3: {endpoint: 'http://b:1', bucket: one, region: r}}", s3).value().storage.staging_s3->region, "r");
  const Environment folder = {{"PACKYARD_STORAGE_STAGING", "/x"}};
  EXPECT_EQ(load("staging: {s3: {endpoint: 'http://b:1', bucket: one}}", folder).value().storage.staging, "/x");
}

TEST(StorageSettings, KeysAreNoSettings) {
  const Environment keys = {{"PACKYARD_STAGING_ACCESS_KEY", "a"}, {"PACKYARD_STAGING_SECRET_KEY_FILE", "/f"}};
  EXPECT_EQ(problem_of("staging: s", keys), "none");
  EXPECT_NE(problem_of("staging: {s3: {endpoint: 'http://b:1', bucket: one, access_key: x}}").find("access_key: unknown name"),
            std::string::npos);
  EXPECT_NE(problem_of("staging: s", {{"PACKYARD_STAGING_ACCESS", "a"}}).find("names no setting"), std::string::npos);
}

TEST(StorageSettings, SaysWhatIsWrong) {
  const auto with = [](const std::string& more) { return problem_of("staging: {s3: {" + more + "}}"); };
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"bucket: abc", "storage.staging.s3.endpoint: missing"},
           {"endpoint: 'http://a', bucket: Abc", "storage.staging.s3.bucket: expected a bucket"},
           {"endpoint: 'http://a'", "storage.staging.s3.bucket: expected a bucket"},
           {"endpoint: 'a:9000', bucket: abc", "storage.staging.s3.endpoint: not the address of a server"},
           {"endpoint: 'http://a/path', bucket: abc", "storage.staging.s3.endpoint"},
           {"endpoint: 'http://a', bucket: abc, region: 'a b'", "storage.staging.s3.region"},
           {"endpoint: 'http://a', bucket: abc, prefix: /in", "storage.staging.s3.prefix"},
           {"endpoint: 'http://a', bucket: abc, prefix: in/", "storage.staging.s3.prefix"},
           {"endpoint: 'http://a', bucket: abc, prefix: in/../up", "storage.staging.s3.prefix"},
           {"endpoint: 'http://a', bucket: abc, style: host", "storage.staging.s3.style: expected path or virtual-host"},
           {"endpoint: 'http://10.0.0.1:9000', bucket: abc, style: virtual-host", "the endpoint is an address"},
           {"endpoint: 'https://a.example', bucket: a.b.c, style: virtual-host", "no certificate covers"}})
    EXPECT_NE(with(text).find(expected), std::string::npos) << text << ": " << with(text);
  EXPECT_NE(problem_of("archive: a").find("storage.staging: missing"), std::string::npos);
  EXPECT_NE(problem_of("staging: {}").find("storage.staging.s3.endpoint: missing"), std::string::npos);
  EXPECT_NE(problem_of("staging: s, archive: ''").find("storage.archive: empty path"), std::string::npos);
}

}  // namespace
}  // namespace packyard
