#include "promote/rpm_metadata.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/durable_file.h"
#include "core/xml/xml_document.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_packages.h"

namespace packyard {
namespace {

RpmMetadataRequest request_for(const char* name) {
  const std::filesystem::path file = test_rpms() / name;
  return {file, digest_file(file).value(), "packages/a/x.rpm", Timestamp{1'760'000'000}};
}

TEST(RpmMetadata, CarriesDigestSizeTimeAndLocationGiven) {
  const RpmMetadataRequest request = request_for("acme-1.0-1.el9.x86_64.rpm");
  const RpmMetadata metadata = make_rpm_metadata(request).value();
  for (const std::string& wanted :
       {request.digest.sha256.hex(), std::string("href=\"packages/a/x.rpm\""), std::string("file=\"1760000000\""),
        "package=\"" + std::to_string(request.digest.size_bytes) + "\""})
    EXPECT_NE(metadata.primary.find(wanted), std::string::npos) << wanted;
  for (const std::string* piece : {&metadata.filelists, &metadata.other}) {
    const auto parsed = parse_xml(*piece);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(parsed->attribute("pkgid"), request.digest.sha256.hex());
  }
}

TEST(RpmMetadata, KeepsTheNewestTenChanges) {
  const std::string other = make_rpm_metadata(request_for("acme-history-2024.12.31.1-0.1.beta.el9.3.noarch.rpm"))->other;
  EXPECT_NE(other.find("change number 28"), std::string::npos);
  EXPECT_NE(other.find("change number 19"), std::string::npos);
  EXPECT_EQ(other.find("change number 18"), std::string::npos);
}

TEST(RpmMetadata, SeveralThreadsGetTheSame) {
  const RpmMetadataRequest request = request_for("acme-utf8-1-1.el9.noarch.rpm");
  const std::string expected = make_rpm_metadata(request)->primary;
  std::vector<std::string> got(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& text : got)
      threads.emplace_back([&text, &request] {
        for (int i = 0; i < 20; ++i) text = make_rpm_metadata(request)->primary;
      });
  }
  for (const std::string& text : got) EXPECT_EQ(text, expected);
}

// XML has no way to write it, and dnf would refuse the whole index.
TEST(RpmMetadata, AControlCharacterIsRefusedWithTheNameOfThePackage) {
  TemporaryFolder folder;
  std::string bytes = read_small_file(test_rpms() / "acme-1.0-1.el9.x86_64.rpm", 1 << 20).value();
  const std::size_t at = bytes.find("The acme program");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 3] = '\x01';
  ASSERT_TRUE(write_new_file(folder / "x.rpm", bytes, FileMode::owner_only).has_value());
  const auto metadata = make_rpm_metadata({folder / "x.rpm", {}, "packages/a/x.rpm", Timestamp{1}});
  ASSERT_FALSE(metadata.has_value());
  EXPECT_EQ(metadata.error().code, ErrorCode::invalid);
  EXPECT_NE(metadata.error().message.find("packages/a/x.rpm has a control character"), std::string::npos)
      << metadata.error().message;
}

TEST(RpmMetadata, WhatIsNoPackageIsInvalid) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_new_file(folder / "x.rpm", "no package", FileMode::owner_only).has_value());
  EXPECT_EQ(make_rpm_metadata({folder / "x.rpm", {}, "x", Timestamp{1}}).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace packyard
