#include "verify/rpm_package_reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

TEST(RpmPackageReader, AcceptsOurPackagesAndNoOthers) {
  const TemporaryFolder folder;
  auto signer = test::open_test_signer("subkey");
  const test::TestSite site(folder / "site", *signer);
  const fs::path package = site / site.rpm_packages[1].path;
  const auto check = [&](const fs::path& file, const std::string& key) -> std::string {
    const auto keys = PublicKeys::load(test::public_key_file(key)).value();
    const auto checked = RpmPackageReader::make(keys).value()->check(file);
    return checked ? checked->name + " " + checked->version + " " + checked->architecture : checked.error().message;
  };
  EXPECT_EQ(check(package, "subkey"), "tools 2:2.0-1.el9 noarch");
  EXPECT_EQ(check(package, "release"), "is signed by a key that is not in lts.asc");
  const std::string bytes = test::read_whole(package);
  const auto damaged = [&](std::size_t at) {
    std::string copy = bytes;
    copy[at] = static_cast<char>(copy[at] ^ 1);
    std::ofstream(folder / "damaged.rpm", std::ios::binary) << copy;
    return check(folder / "damaged.rpm", "subkey");
  };
  EXPECT_NE(damaged(bytes.find("A test.")).find("not accepted by rpm"), std::string::npos);
  EXPECT_NE(damaged(bytes.size() - 20).find("payload that differs"), std::string::npos);
  std::ofstream(folder / "text.rpm") << "text";
  EXPECT_NE(check(folder / "text.rpm", "subkey").find("not accepted by rpm"), std::string::npos);
  fs::copy_file(package, folder / "unsigned.rpm");
  test::run_shell("rpmsign --delsign " + (folder / "unsigned.rpm").string());
  EXPECT_EQ(check(folder / "unsigned.rpm", "subkey"), "is not signed");
  EXPECT_NE(check(folder / "absent.rpm", "subkey").find("opening"), std::string::npos);
}

TEST(RpmPackageReader, AcceptsASignatureByASubkey) {
  const TemporaryFolder folder;
  const auto primary = test::open_test_signer("subkey")->fingerprint();
  GpgSignerOptions options;
  const auto keys = PublicKeys::load(test::public_key_file("subkey")).value();
  options.subkey = test::subkey_fingerprint("subkey");
  auto signer = test::open_test_signer("subkey", options);
  ASSERT_NE(signer->fingerprint(), primary);
  const test::TestSite site(folder / "site", *signer);
  const auto checked = RpmPackageReader::make(keys).value()->check(site / site.rpm_packages[0].path);
  EXPECT_TRUE(checked) << checked.error().message;
}

}  // namespace
}  // namespace packyard
