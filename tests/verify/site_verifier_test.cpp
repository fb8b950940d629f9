#include "verify/site_verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_keys.h"
#include "tests/support/test_site.h"

namespace packyard {
namespace {

namespace fs = std::filesystem;
using test::TestSite;

constexpr Timestamp now{TestSite::published_at + 3600};

std::string listing(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.subject + ": " + finding.problem + "\n";
  return text;
}

class SiteVerifierTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    signer_ = test::open_test_signer("release");
    stranger_ = test::open_test_signer("stranger");
    site_ = std::make_unique<TestSite>(*folder_ / "site", *signer_);
  }
  static void TearDownTestSuite() {
    signer_.reset();
    stranger_.reset();
    site_.reset();
    folder_.reset();
  }

  static VerifyRequest request_for(const TestSite& site) {
    VerifyRequest request;
    request.published = site.published();
    request.public_keys = site.keys();
    return request;
  }
  static Result<VerifyReport> verify(const VerifyRequest& request, Timestamp at = now) {
    SystemCommandRunner runner;
    ManualClock clock(at);
    return SiteVerifier(runner, clock).verify(request);
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<GpgSigner> signer_, stranger_;
  static inline std::unique_ptr<TestSite> site_;
};

TEST_F(SiteVerifierTest, FindsNothingInAGoodSite) {
  const auto report = verify(request_for(*site_));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(listing(report->findings), "");
  EXPECT_EQ(report->targets, 2u);
  EXPECT_EQ(report->packages, 4u);
  EXPECT_EQ(report->indexes, 6u);
  EXPECT_GE(report->signatures, 6u);
}

// One broken property, and the finding that must name it.
struct Breach {
  const char* name;
  std::function<void(TestSite&)> inflict;
  std::string subject, problem;
  std::int64_t seconds = TestSite::published_at + 3600;
};

class BreachTest : public SiteVerifierTest {
 protected:
  void expect_found(const std::vector<Breach>& breaches) {
    for (const Breach& breach : breaches) {
      TestSite site(*site_, *folder_ / "broken");
      breach.inflict(site);
      const auto report = verify(request_for(site), Timestamp{breach.seconds});
      ASSERT_TRUE(report) << breach.name << ": " << report.error().message;
      const bool found = std::ranges::any_of(report->findings, [&](const Finding& finding) {
        return finding.subject.find(breach.subject) != std::string::npos &&
            finding.problem.find(breach.problem) != std::string::npos;
      });
      EXPECT_TRUE(found) << breach.name
                         << ": wanted " << breach.subject << ": " << breach.problem << ", got\n" << listing(report->findings);
    }
  }
  static std::string rpm(const TestSite& site) { return site.rpm_packages[0].path; }
  static std::string deb(const TestSite& site) { return site.deb_packages[0].path; }
  static std::string primary(const TestSite& site) { return site.find("index", "-primary.xml.gz"); }
  static std::string repomd(const TestSite& site) { return site.rpm_generation() + "repomd.xml"; }
  static std::string release(const TestSite& site) { return site.deb_generation() + "Release"; }
  static std::string packages(const TestSite& site) { return site.deb_generation() + "main/binary-amd64/Packages"; }
  static void edit_repomd(TestSite& site, const std::string& from, const std::string& to) {
    site.replace(repomd(site), from, to);
    site.sign_rpm_pointer(*signer_);
    site.seal(*signer_);
  }
  static void edit_release(TestSite& site, const std::string& from, const std::string& to) {
    site.replace(release(site), from, to);
    site.sign_deb_pointer(*signer_);
    site.seal(*signer_);
  }
  static void edit_packages(TestSite& site, const std::string& from, const std::string& to) {
    site.replace(packages(site), from, to);
    site.repack_deb_index(*signer_);
    site.seal(*signer_);
  }
  static void keep_old_in_release(TestSite& site) {
    const std::string path = site.deb_generation() + "InRelease", old = site.read(path);
    edit_release(site, "Label: Acme", "Label: Acne");
    site.write(path, old);
    site.seal(*signer_);
  }
  static void put_folder_for_link(TestSite& site) {
    fs::remove(site / "releases/000001/deb/core/2025/bookworm");
    fs::create_directories(site / "releases/000001/deb/core/2025/bookworm");
  }
  static void relink(const TestSite& site, const std::string& link, const std::string& text) {
    fs::remove_all(site / link);
    fs::create_symlink(text, site / link);
  }
};

TEST_F(BreachTest, InFilesAreFound) {
  expect_found({
      {"index byte", [](auto& s) { s.flip_last_byte(primary(s)); }, "-primary.xml.gz", "repomd.xml says"},
      {"index missing", [](auto& s) { fs::remove(s / s.find("index", "-filelists.xml.gz")); }, "-filelists.xml.gz", "missing"},
      {"index unlisted", [](auto& s) { s.write("index/rpm/core/2025/el9-x86_64/extra", "x"); }, "/extra",
       "no retained release lists it"},
      {"rpm missing", [](auto& s) { fs::remove(s / rpm(s)); }, "acme-1.0-1.el9.noarch.rpm", "missing"},
      {"rpm cut", [](auto& s) { s.write(rpm(s), s.read(rpm(s)).substr(0, 300)); }, "acme-1.0", "bytes, the index says"},
      {"rpm byte", [](auto& s) { s.flip_last_byte(rpm(s)); }, "acme-1.0", "has SHA-256"},
      {"rpm payload", [](auto& s) { s.flip_last_byte(rpm(s)); }, "acme-1.0", "payload that differs"},
      {"pool unlisted", [](auto& s) { s.write("pool/rpm/core/2025/el9-x86_64/packages/x/x.rpm", "x"); }, "x/x.rpm",
       "no retained release"},
      {"deb missing", [](auto& s) { fs::remove(s / deb(s)); }, "libacme1", "missing"},
      {"deb byte", [](auto& s) { s.flip_last_byte(deb(s)); }, "libacme1", "has SHA-256"},
      {"deb longer", [](auto& s) { s.write(deb(s), s.read(deb(s)) + "x"); }, "libacme1", "bytes, the index says"},
      {"Packages byte", [](auto& s) { s.flip_last_byte(packages(s)); }, "binary-amd64/Packages", "Release says"},
      {"Packages.xz byte", [](auto& s) { s.flip_last_byte(packages(s) + ".xz"); }, "Packages.xz", "contents.json says"},
      {"Packages.gz missing", [](auto& s) { fs::remove(s / (packages(s) + ".gz")); }, "Packages.gz", "missing"},
      {"by-hash missing", [](auto& s) { fs::remove_all(s / "index/deb"); }, "by-hash/SHA256/", "missing"},
      {"mode", [](auto& s) { fs::permissions(s / rpm(s), fs::perms::owner_read); }, "acme-1.0",
       "cannot be read by the web server"},
      {"folder mode", [](auto& s) { fs::permissions((s / rpm(s)).parent_path(), fs::perms::owner_all); }, "acme-1.0",
       "lacks o+x"},
      {"file is a link", [](auto& s) { relink(s, rpm(s), "/etc/passwd"); }, "acme-1.0", "symbolic link"},
      {"folder is a link", [](auto& s) { relink(s, "pool/deb", "../elsewhere"); }, "libacme1", "folder is a symbolic link"},
      {"file is a folder", [](auto& s) { fs::remove(s / deb(s)); fs::create_directories(s / deb(s)); }, "libacme1",
       "not a regular file"},
      {"generation extra", [](auto& s) { s.write(s.rpm_generation() + "extra", "x"); }, "/extra", "not named in contents.json"},
      {"release extra", [](auto& s) { s.write("releases/000001/extra", "x"); }, "/extra", "not part of the signed release.json"},
      {"top extra", [](auto& s) { s.write("state", "x"); }, "state", "does not belong"},
  });
}

TEST_F(BreachTest, InSignaturesAreFound) {
  const std::string wrong = "signature does not verify";
  expect_found({
      {"repomd changed", [](auto& s) { s.replace(repomd(s), "<revision>", "<revision>1"); s.seal(*signer_); }, "repomd.xml",
       wrong},
      {"repomd by a stranger", [](auto& s) { s.sign_rpm_pointer(*stranger_); s.seal(*signer_); }, "repomd.xml", wrong},
      {"repomd.xml.key", [](auto& s) { s.sign_rpm_pointer(*stranger_); s.seal(*signer_); }, "repomd.xml.key", "not in lts.asc"},
      {"repomd.xml.asc gone", [](auto& s) { fs::remove(s / (repomd(s) + ".asc")); s.seal(*signer_); }, "repomd.xml.asc",
       "missing"},
      {"Release by a stranger", [](auto& s) { s.sign_deb_pointer(*stranger_); s.seal(*signer_); }, "/Release", wrong},
      {"InRelease by a stranger", [](auto& s) { s.sign_deb_pointer(*stranger_); s.seal(*signer_); }, "/InRelease", wrong},
      {"Release.gpg gone", [](auto& s) { fs::remove(s / (release(s) + ".gpg")); s.seal(*signer_); }, "Release.gpg", "missing"},
      {"release.json changed", [](auto& s) { s.replace("releases/000001/release.json", "promotion", "rollback"); },
       "release.json", wrong},
      {"release.json by a stranger", [](auto& s) { s.seal(*stranger_); }, "release.json", wrong},
      {"release.json.asc gone", [](auto& s) { fs::remove(s / "releases/000001/release.json.asc"); }, "release.json.asc",
       "missing"},
      {"contents.json changed", [](auto& s) { s.replace(s.deb_generation() + "contents.json", "acme", "acne"); },
       "contents.json", "signed release.json says"},
      {"contents.json gone", [](auto& s) { fs::remove(s / (s.rpm_generation() + "contents.json")); }, "contents.json", "missing"},
  });
}

TEST_F(BreachTest, InRepomdAreFound) {
  expect_found({
      {"open-size", [](auto& s) { edit_repomd(s, "<open-size>", "<open-size>9"); }, ".xml.gz", "open-size is 9"},
      {"open-checksum", [](auto& s) { edit_repomd(s, "<open-checksum type=\"sha256\">", "<open-checksum type=\"sha256\">0"); },
       ".xml.gz", "open-checksum is 0"},
      {"size", [](auto& s) { edit_repomd(s, "<size>", "<size>1"); }, ".xml.gz", "repomd.xml says 1"},
      {"checksum", [](auto& s) { edit_repomd(s, "<checksum type=\"sha256\">", "<checksum type=\"sha256\">0"); }, "",
       "does not begin with its checksum"},
      {"sha1", [](auto& s) { edit_repomd(s, "<checksum type=\"sha256\">", "<checksum type=\"sha\">"); }, "repomd.xml",
       "expected sha256"},
      {"location", [](auto& s) { edit_repomd(s, "href=\"repodata/", "href=\"../repodata/"); }, "repomd.xml",
       "has the location ../repodata"},
      {"type", [](auto& s) { edit_repomd(s, "type=\"other\"", "type=\"others\""); }, "repomd.xml", "does not name other"},
      {"twice", [](auto& s) { edit_repomd(s, "type=\"other\"", "type=\"primary\""); }, "repomd.xml", "names primary twice"},
      {"not XML", [](auto& s) { edit_repomd(s, "</repomd>", ""); }, "repomd.xml", "not well-formed"},
      {"doctype", [](auto& s) { edit_repomd(s, "<repomd", "<!DOCTYPE x [<!ENTITY y SYSTEM \"/etc/passwd\">]><repomd"); },
       "repomd.xml", "document type"},
  });
}

TEST_F(BreachTest, InReleaseAndPackagesAreFound) {
  expect_found({
      {"future Date", [](auto&) {}, "/Release", "Date in the future", TestSite::published_at - 10},
      {"future release", [](auto&) {}, "release.json", "published in the future", TestSite::published_at - 10},
      {"expired", [](auto& s) { edit_release(s, "Acquire", "Valid-Until: " +
                                             Timestamp{TestSite::published_at + 60}.rfc5322_utc() + "\nAcquire"); }, "/Release",
                                                 "Valid-Until that passed"},
      {"no plain Packages", [](auto& s) { edit_release(s, "main/binary-amd64/Packages\n", "main/binary-amd64/Other\n"); },
       "/Release", "silently ignores"},
      {"no by-hash", [](auto& s) { edit_release(s, "Acquire-By-Hash: yes\n", ""); }, "/Release", "Acquire-By-Hash"},
      {"no Origin", [](auto& s) { edit_release(s, "Origin: Acme\n", ""); }, "/Release", "has no Origin"},
      {"other suite", [](auto& s) { edit_release(s, "Codename: bookworm", "Codename: trixie"); }, "/Release",
       "Codename bookworm"},
      {"no date", [](auto& s) { edit_release(s, " UTC", " CET"); }, "/Release", "is not a date"},
      {"size", [](auto& s) { edit_release(s, " main/binary-amd64/Packages\n", "0 main/binary-amd64/Packages\n"); }, "/Packages",
       "Release says"},
      {"InRelease differs", keep_old_in_release, "/InRelease", "something else than Release"},
      {"Depends", [](auto& s) { edit_packages(s, "Depends: libc6", "Depends: libc7"); }, ".deb",
       "dependencies or other fields differ"},
      {"Version", [](auto& s) { edit_packages(s, "Version: 1", "Version: 2"); }, ".deb", "says it is"},
      {"Size", [](auto& s) { edit_packages(s, "\nSize: ", "\nSize: 1"); }, ".deb", "bytes, the index says 1"},
      {"SHA256", [](auto& s) { edit_packages(s, "\nSHA256: ", "\nSHA256: 0"); }, "Packages",
       "without Package, Version, Architecture, Size or SHA256"},
      {"Filename", [](auto& s) { edit_packages(s, "Filename: pool/", "Filename: ../pool/"); }, "Packages",
       "has the Filename ../pool"},
      {"wrong architecture", [](auto& s) { edit_packages(s, "Architecture: amd64", "Architecture: arm64"); }, "Packages",
       "of architecture arm64"},
      {"field twice", [](auto& s) { edit_packages(s, "Maintainer", "Package: x\nMaintainer"); }, "Packages", "twice"},
  });
}

TEST_F(BreachTest, BetweenDocumentsAreFound) {
  expect_found({
      {"not in contents", [](auto& s) { s.rpm_packages.pop_back(); s.seal(*signer_); }, "tools-2.0",
       "listed in the index, but not in contents.json"},
      {"not in index", [](auto& s) { s.deb_packages.push_back(s.rpm_packages[0]); s.seal(*signer_); }, "acme-1.0",
       "listed in contents.json, but not in the index"},
      {"other version", [](auto& s) { s.rpm_packages[1].version = "2.0-1.el9"; s.seal(*signer_); }, "tools-2.0", "other facts"},
      {"index file in contents only",
       [](auto& s) { s.write("index/rpm/core/2025/el9-x86_64/" + std::string(64, '0') + "-x", "x"); s.seal(*signer_); }, "-x",
           "not by repomd.xml"},
      {"wrong link", [](auto& s) { relink(s, "releases/000001/rpm/core/2025/el9-x86_64",
                                          "../../../../../generations/rpm/core/2025/el9-x86_64/000002"); },
                                              "releases/000001/rpm", "links to"},
      {"link out of the tree", [](auto& s) { relink(s, "releases/000001/rpm/core/2025/el9-x86_64", "/etc"); },
       "releases/000001/rpm", "links to /etc"},
      {"no link", [](auto& s) { fs::remove(s / "releases/000001/deb/core/2025/bookworm"); }, "releases/000001/deb", "missing"},
      {"a folder instead", put_folder_for_link, "releases/000001/deb", "not a symbolic link"},
      {"current elsewhere", [](auto& s) { relink(s, "current", "releases/000001/../.."); }, "current", "points to"},
      {"current dangles", [](auto& s) { relink(s, "current", "releases/000002"); }, "releases/000002/release.json", "missing"},
      {"stray release", [](auto& s) { fs::create_directories(s / "releases/new"); }, "releases/new", "is no release folder"},
  });
}

TEST_F(SiteVerifierTest, RefusesPackagesSignedByAnotherKey) {
  TestSite site(*folder_ / "foreign", *stranger_);
  fs::copy_file(site_->keys(), site.keys(), fs::copy_options::overwrite_existing);
  site.sign_rpm_pointer(*signer_);
  site.sign_deb_pointer(*signer_);
  site.seal(*signer_);
  const auto report = verify(request_for(site));
  ASSERT_TRUE(report);
  ASSERT_EQ(report->findings.size(), 2u) << listing(report->findings);
  EXPECT_EQ(report->findings[0].subject, site.rpm_packages[0].path);
  EXPECT_EQ(report->findings[0].problem, "is signed by a key that is not in lts.asc");
}

TEST_F(SiteVerifierTest, LaysACandidateOverTheTree) {
  TestSite candidate(*site_, *folder_ / "candidate"), published(*site_, *folder_ / "published");
  for (const char* part : {"releases", "generations", "index", "current", "pool/rpm"}) fs::remove_all(published / part);
  for (const char* part : {"current", "pool/deb"}) fs::remove_all(candidate / part);
  VerifyRequest request = request_for(published);
  request.candidate = candidate.published();
  request.release = 1;
  request.depth = VerifyDepth::changed;
  EXPECT_EQ(listing(verify(request)->findings), "");
  published.flip_last_byte(published.deb_packages[0].path);  // unchanged packages are looked at by size only
  EXPECT_EQ(listing(verify(request)->findings), "");
  candidate.flip_last_byte(candidate.rpm_packages[0].path);
  EXPECT_NE(listing(verify(request)->findings).find("acme-1.0-1.el9.noarch.rpm: has SHA-256"), std::string::npos);
  request.targets = {TargetId::parse(TestSite::deb_target).value()};
  const auto other = verify(request);
  EXPECT_EQ(listing(other->findings), "");
  EXPECT_EQ(other->targets, 1u);
  request.targets = {TargetId::parse("deb/core/2025/trixie").value()};
  EXPECT_NE(listing(verify(request)->findings).find("deb/core/2025/trixie: is not part of release 1"), std::string::npos);
}

TEST_F(SiteVerifierTest, AllowsWhatAPreparedReleaseHalfMovedIn) {
  TestSite prepared(*site_, *folder_ / "prepared"), published(*site_, *folder_ / "half");
  const std::string path = std::string("pool/") + TestSite::rpm_target + "/packages/z/zeta-1-1.noarch.rpm";
  prepared.write(path, "bytes");
  prepared.rpm_packages.push_back({path, "zeta", "1-1", "noarch"});
  prepared.seal(*signer_);
  published.write(path, "bytes");
  VerifyRequest request = request_for(published);
  EXPECT_EQ(listing(verify(request)->findings), path + ": is there, but no retained release lists it\n");
  request.prepared = {prepared.published()};
  EXPECT_EQ(listing(verify(request)->findings), "");
}

TEST_F(SiteVerifierTest, SaysWhenItCannotRead) {
  VerifyRequest request = request_for(*site_);
  request.public_keys = "/does/not/exist";
  EXPECT_FALSE(verify(request));
  request = request_for(*site_);
  request.published = "/does/not/exist";
  EXPECT_EQ(verify(request).error().code, ErrorCode::not_found);
  const TemporaryFolder empty;
  request.published = empty.path();
  EXPECT_NE(verify(request).error().message.find("nothing has been published yet"), std::string::npos);
}

}  // namespace
}  // namespace packyard
