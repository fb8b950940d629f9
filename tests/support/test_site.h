// TestSite: a small published tree made with the distributions' own tools (rpmbuild, createrepo_c, dpkg-deb, apt-ftparchive) and our
// signer, so that verify is measured against others' work, not against our writers. Two targets: rpm/core/2025/el9-x86_64 with two
// packages, deb/core/2025/bookworm with two. Tests break copies of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/timestamp.h"
#include "signer/openpgp_signer.h"

namespace packyard::test {

class TestSite {
 public:
  static constexpr const char* rpm_target = "rpm/core/2025/el9-x86_64";
  static constexpr const char* deb_target = "deb/core/2025/bookworm";
  static constexpr std::int64_t published_at = 1767225600;  // 2026-01-01

  // Builds the whole site below `root`/public as release 1.
  TestSite(std::filesystem::path root, OpenPgpSigner& signer);
  // A copy of another site, to be broken.
  TestSite(const TestSite& other, std::filesystem::path root);

  std::filesystem::path published() const { return root_ / "public"; }
  std::filesystem::path keys() const { return root_ / "lts.asc"; }
  std::filesystem::path operator/(const std::string& path) const { return published() / path; }
  std::string rpm_generation() const { return std::string("generations/") + rpm_target + "/000001/"; }
  std::string deb_generation() const { return std::string("generations/") + deb_target + "/000001/"; }
  // The first path below a folder that ends so.
  std::string find(const std::string& folder, const std::string& ending) const;

  void write(const std::string& path, const std::string& bytes) const;
  std::string read(const std::string& path) const;
  void replace(const std::string& path, const std::string& from, const std::string& to) const;
  void flip_last_byte(const std::string& path) const;

  // Signs the pointers anew after a change, then makes contents.json and release.json agree with what is on disk, so that a test
  // breaks one property only.
  void sign_rpm_pointer(OpenPgpSigner& signer) const;
  void sign_deb_pointer(OpenPgpSigner& signer) const;
  // Packs main/binary-amd64/Packages anew after it was edited and makes a Release for it.
  void repack_deb_index(OpenPgpSigner& signer) const;
  void seal(OpenPgpSigner& signer) const;
  struct Package {
    std::string path, name, version, architecture;
  };
  std::vector<Package> rpm_packages, deb_packages;

 private:
  void build_rpm(OpenPgpSigner& signer);
  void build_deb(OpenPgpSigner& signer);
  std::string contents(const std::string& target, const std::vector<Package>& packages) const;
  std::filesystem::path root_;
};

// Runs a shell command; stops the test program with its output when it fails.
void run_shell(const std::string& command);

}  // namespace packyard::test
