#include "signer/rpm_signature.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/test_keys.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;

std::string capture(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, pipe)) output.append(block, got);
  pclose(pipe);
  return output;
}

// Real packages by rpmbuild, checked by rpm with a database that knows only our key.
class RpmSignatureTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::path(testing::TempDir()) / "rpm_signature_test";
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "db");
    std::ofstream(folder_ / "acme.spec")
        << "Name: acme\nVersion: 1.0\nRelease: 1.el9\nSummary: A test\nLicense: none\nBuildArch: noarch\n%description\nA test.\n"
           "%install\nmkdir -p %{buildroot}/opt/acme\nhead -c 3000000 /dev/urandom >%{buildroot}/opt/acme/data\n%files\n/opt/acme\n";
    const std::string made = capture("rpmbuild -ba --define '_topdir " + folder_.string() + "' " +
                                     (folder_ / "acme.spec").string());
    ASSERT_TRUE(fs::exists(binary())) << made;
    capture("rpmkeys --dbpath " + (folder_ / "db").string() + " --import " + test::public_key_file("release").string());
    signer_ = test::open_test_signer("release");
  }
  static void TearDownTestSuite() { signer_.reset(); }

  static fs::path binary() { return folder_ / "RPMS/noarch/acme-1.0-1.el9.noarch.rpm"; }
  static fs::path source() { return folder_ / "SRPMS/acme-1.0-1.el9.src.rpm"; }
  fs::path fresh(const std::string& name) {
    fs::remove(folder_ / name);
    return folder_ / name;
  }
  static std::string check(const fs::path& package) {
    return capture("rpmkeys --dbpath " + (folder_ / "db").string() + " --define '_pkgverify_level all' -Kv " + package.string());
  }
  static std::string header_of(const fs::path& package, const std::string& format) {
    return capture("rpm -qp --nosignature --qf '" + format + "' " + package.string());
  }

  static inline fs::path folder_;
  static inline std::unique_ptr<GpgSigner> signer_;
};

TEST_F(RpmSignatureTest, RpmAcceptsBinaryAndSourcePackages) {
  for (const fs::path& package : {binary(), source()}) {
    const fs::path sealed = fresh("sealed.rpm");
    const auto digest = sign_rpm(package, sealed, *signer_);
    ASSERT_TRUE(digest) << digest.error().message;
    EXPECT_EQ(digest->size_bytes, fs::file_size(sealed));
    EXPECT_EQ(digest->sha256, digest_file(sealed).value().sha256);
    const std::string verdict = check(sealed);
    for (const char* line : {"Header V4 RSA/SHA256 Signature", "Header SHA256 digest: OK", "Header SHA1 digest: OK",
                             "Payload SHA256 digest: OK", "MD5 digest: OK"})
      EXPECT_NE(verdict.find(line), std::string::npos) << line << " in\n" << verdict;
    EXPECT_EQ(verdict.find("BAD"), std::string::npos) << verdict;
    EXPECT_EQ(verdict.find("NOKEY"), std::string::npos) << verdict;
    EXPECT_EQ(header_of(sealed, "%{NAME} %{SIGSIZE} %{SIGMD5}"), header_of(package, "%{NAME} %{SIGSIZE} %{SIGMD5}"));
  }
}

TEST_F(RpmSignatureTest, ReplacesAnotherVendorsSignature) {
  const fs::path foreign = fresh("foreign.rpm"), sealed = fresh("resigned.rpm"), direct = fresh("direct.rpm");
  {
    auto stranger = test::open_test_signer("stranger");
    ASSERT_TRUE(sign_rpm(binary(), foreign, *stranger));
  }
  EXPECT_NE(check(foreign).find("NOKEY"), std::string::npos);
  ASSERT_TRUE(sign_rpm(foreign, sealed, *signer_));
  ASSERT_TRUE(sign_rpm(binary(), direct, *signer_));
  EXPECT_EQ(check(sealed).find("NOKEY"), std::string::npos);
  EXPECT_EQ(fs::file_size(sealed), fs::file_size(direct));
}

TEST_F(RpmSignatureTest, ReplacesWhatRpmsignMade) {
  const fs::path home = folder_ / "home", package = fresh("rpmsigned.rpm"), sealed = fresh("rpmsigned-sealed.rpm");
  fs::create_directories(home);
  fs::permissions(home, fs::perms::owner_all);
  fs::copy_file(binary(), package);
  const std::string gpg = "gpg --homedir " + home.string() + " --batch --quiet ";
  capture(gpg + "--import " + test::secret_key_file("stranger").string());
  const std::string made = capture("rpmsign --define '__gpg /usr/bin/gpg' --define '_gpg_path " + home.string() +
                                   "' --define '_gpg_name stranger@example.org' --addsign " + package.string());
  capture("gpgconf --homedir " + home.string() + " --kill gpg-agent");
  EXPECT_NE(check(package).find("NOKEY"), std::string::npos) << made << check(package);
  ASSERT_TRUE(sign_rpm(package, sealed, *signer_));
  const std::string verdict = check(sealed);
  EXPECT_EQ(verdict.find("NOKEY"), std::string::npos) << verdict;
  EXPECT_EQ(verdict.find("BAD"), std::string::npos) << verdict;
}

TEST_F(RpmSignatureTest, RefusesDamagedPackagesAndLeavesNothing) {
  const std::string whole = test::read_whole(binary());
  const auto refusal = [&](const std::string& bytes) -> std::string {
    const fs::path package = fresh("damaged.rpm"), sealed = fresh("damaged-sealed.rpm");
    std::ofstream(package, std::ios::binary) << bytes;
    const auto digest = sign_rpm(package, sealed, *signer_);
    EXPECT_FALSE(fs::exists(sealed));
    if (digest) return "accepted";
    EXPECT_EQ(digest.error().code, ErrorCode::invalid);
    return digest.error().message;
  };
  EXPECT_NE(refusal(whole.substr(0, whole.size() - 1)).find("truncated or damaged"), std::string::npos);
  EXPECT_NE(refusal(whole.substr(0, 5000)).find("ends inside its headers"), std::string::npos) << refusal(whole.substr(0, 5000));
  EXPECT_NE(refusal(whole + "x").find("truncated or damaged"), std::string::npos);
  EXPECT_NE(refusal("text").find("ends inside its headers"), std::string::npos);
  EXPECT_NE(refusal(std::string(200, 'x')).find("not an RPM package"), std::string::npos);
  std::string flipped = whole;
  flipped[flipped.find("A test.")] = 'B';
  EXPECT_NE(refusal(flipped).find("does not have the SHA-256"), std::string::npos);
}

TEST_F(RpmSignatureTest, NeverOverwrites) {
  const fs::path sealed = fresh("taken.rpm");
  std::ofstream(sealed) << "mine";
  const auto digest = sign_rpm(binary(), sealed, *signer_);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, ErrorCode::conflict);
  EXPECT_EQ(test::read_whole(sealed), "mine");
}

}  // namespace
}  // namespace packyard
