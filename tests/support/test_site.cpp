#include "tests/support/test_site.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "core/digest.h"
#include "signer/rpm_signature.h"
#include "tests/support/test_keys.h"

namespace packyard::test {
namespace {

namespace fs = std::filesystem;

template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "making the test site: %s\n", result.error().message.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

constexpr const char* rpm_spec = R"(Name: %NAME%
Version: %VERSION%
Release: 1.el9
%EPOCH%
Summary: A test
License: none
BuildArch: noarch
%description
A test.
%install
mkdir -p %{buildroot}/opt/%NAME%
echo %NAME% %VERSION% >%{buildroot}/opt/%NAME%/data
%files
/opt/%NAME%
)";

std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values)
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name)) text.replace(at, name.size(), value);
  return text;
}

}  // namespace

void run_shell(const std::string& command) {
  FILE* pipe = popen(("set -e; exec 2>&1; " + command).c_str(), "r");
  std::string output;
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, pipe)) output.append(block, got);
  if (pclose(pipe) == 0) return;
  std::fprintf(stderr, "failed: %s\n%s\n", command.c_str(), output.c_str());
  std::abort();
}

TestSite::TestSite(fs::path root, OpenPgpSigner& signer) : root_(std::move(root)) {
  fs::create_directories(root_ / "work");
  fs::create_directories(published());
  std::ofstream(keys()) << must(signer.public_key());
  build_rpm(signer);
  build_deb(signer);
  fs::create_directories(published() / "releases/000001");
  for (const char* target : {rpm_target, deb_target}) {
    const fs::path link = published() / "releases/000001" / target;
    fs::create_directories(link.parent_path());
    fs::create_symlink(std::string("../../../../../generations/") + target + "/000001", link);
  }
  fs::create_symlink("releases/000001", published() / "current");
  seal(signer);
  fs::remove_all(root_ / "work");
}

TestSite::TestSite(const TestSite& other, fs::path root)
    : rpm_packages(other.rpm_packages), deb_packages(other.deb_packages), root_(std::move(root)) {
  fs::remove_all(root_);
  fs::copy(other.root_, root_, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

std::string TestSite::find(const std::string& folder, const std::string& ending) const {
  for (const auto& entry : fs::recursive_directory_iterator(published() / folder))
    if (entry.path().string().ends_with(ending)) return fs::relative(entry.path(), published()).string();
  throw std::runtime_error("the test site has no file below " + folder + " that ends with " + ending);
}

void TestSite::write(const std::string& path, const std::string& bytes) const {
  const fs::path file = published() / path;
  fs::create_directories(file.parent_path());
  fs::remove(file);  // a hard link must not change its other name
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string TestSite::read(const std::string& path) const { return read_whole(published() / path); }

void TestSite::replace(const std::string& path, const std::string& from, const std::string& to) const {
  std::string text = read(path);
  const auto at = text.find(from);
  if (at == std::string::npos) {
    std::fprintf(stderr, "%s does not hold '%s'\n", path.c_str(), from.c_str());
    std::abort();
  }
  write(path, text.replace(at, from.size(), to));
}

void TestSite::flip_last_byte(const std::string& path) const {
  std::string text = read(path);
  text.back() = static_cast<char>(text.back() ^ 1);
  write(path, text);
}

void TestSite::build_rpm(OpenPgpSigner& signer) {
  const fs::path work = root_ / "work/rpm", view = root_ / "work/view";
  for (const Package& package : {Package{"", "acme", "1.0", ""}, Package{"", "tools", "2.0", "2"}}) {
    const std::string epoch = package.architecture.empty() ? "" : "Epoch: " + package.architecture;
    fs::create_directories(work);
    std::ofstream(work / "x.spec") << filled(rpm_spec,
                                             {{"%NAME%", package.name}, {"%VERSION%", package.version}, {"%EPOCH%", epoch}});
    run_shell("rpmbuild -bb --define '_topdir " + work.string() + "' " + (work / "x.spec").string());
    const std::string file = package.name + "-" + package.version + "-1.el9.noarch.rpm";
    const std::string location = std::string("packages/") + package.name[0] + "/" + file;
    const fs::path sealed = view / location, pool = published() / "pool" / rpm_target / location;
    fs::create_directories(sealed.parent_path());
    fs::create_directories(pool.parent_path());
    must(sign_rpm(work / "RPMS/noarch" / file, sealed, signer));
    fs::copy_file(sealed, pool);
    rpm_packages.push_back({std::string("pool/") + rpm_target + "/" + location, package.name,
                            (package.architecture.empty() ? "" : package.architecture +
                             ":") + package.version + "-1.el9", "noarch"});
  }
  // The compression is named: newer versions have another default.
  run_shell("createrepo_c --quiet --no-database --unique-md-filenames --general-compress-type=gz " + view.string());
  const fs::path index = published() / "index" / rpm_target;
  fs::create_directories(index);
  fs::create_directories(published() / rpm_generation());
  for (const auto& entry : fs::directory_iterator(view / "repodata")) {
    const std::string name = entry.path().filename().string();
    fs::copy_file(entry.path(), name == "repomd.xml" ? published() / rpm_generation() / name : index / name);
  }
  sign_rpm_pointer(signer);
}

void TestSite::build_deb(OpenPgpSigner& signer) {
  const fs::path work = root_ / "work/deb", view = root_ / "work/debview";
  fs::create_directories(view);
  for (const Package& package : {Package{"", "libacme1", "1:1.0-1", "all"}, Package{"", "acme", "1.0~rc1-1", "amd64"}}) {
    const fs::path tree = work / package.name;
    fs::create_directories(tree / "DEBIAN");
    std::ofstream(tree / "DEBIAN/control") << "Package: " << package.name << "\nVersion: " << package.version
                                           << "\nArchitecture: " << package.architecture
                                           << "\nMaintainer: A <a@example.org>\nDepends: libc6 (>= 2.36),\n base-files\n"
                                              "Description: a test\n A longer text.\n";
    const std::string version = package.version.substr(package.version.find(':') + 1);
    const std::string letters = package.name.starts_with("lib") ? package.name.substr(0, 4) : package.name.substr(0, 1);
    const std::string location = "pool/bookworm/" + letters + "/" + package.name + "/" + package.name + "_" + version + "_" +
                                 package.architecture + ".deb";
    const fs::path pool = published() / "pool/deb/core/2025" / location;
    fs::create_directories(pool.parent_path());
    fs::create_directories((view / location).parent_path());
    run_shell("dpkg-deb --root-owner-group -b " + tree.string() + " " + pool.string());
    fs::copy_file(pool, view / location);
    deb_packages.push_back({"pool/deb/core/2025/" + location, package.name, package.version, package.architecture});
  }
  const fs::path folder = published() / deb_generation() / "main/binary-amd64";
  fs::create_directories(folder);
  run_shell("cd " + view.string() + "; apt-ftparchive -a amd64 packages pool >" + (folder / "Packages").string() + "; cd " +
            folder.string() + "; xz -k Packages; gzip -9 -k -n Packages");
  sign_deb_pointer(signer);
}

void TestSite::sign_rpm_pointer(OpenPgpSigner& signer) const {
  const std::string repomd = rpm_generation() + "repomd.xml";
  write(repomd + ".asc", must(signer.sign_detached(read(repomd), SignatureForm::armored)));
  write(repomd + ".key", must(signer.public_key()));
}

// An existing Release, perhaps edited, is only signed.
void TestSite::sign_deb_pointer(OpenPgpSigner& signer) const {
  const std::string release = deb_generation() + "Release";
  if (!fs::exists(published() / release)) {
    std::string text = "Origin: Acme\nLabel: Acme\nSuite: stable\nCodename: bookworm\nDate: " +
        Timestamp{published_at}.rfc5322_utc() +
                       "\nAcquire-By-Hash: yes\nArchitectures: amd64\nComponents: main\nSHA256:\n";
    for (const char* name : {"main/binary-amd64/Packages", "main/binary-amd64/Packages.gz", "main/binary-amd64/Packages.xz"}) {
      const fs::path file = published() / deb_generation() / name;
      const FileDigest digest = must(digest_file(file));
      text += " " + digest.sha256.hex() + " " + std::to_string(digest.size_bytes) + " " + name + "\n";
      const fs::path by_hash = published() / "index" / deb_target / "by-hash/SHA256" / digest.sha256.hex();
      fs::create_directories(by_hash.parent_path());
      fs::remove(by_hash);
      fs::create_hard_link(file, by_hash);
    }
    write(release, text);
  }
  write(release + ".gpg", must(signer.sign_detached(read(release), SignatureForm::armored)));
  write(deb_generation() + "InRelease", must(signer.sign_clear(read(release))));
}

void TestSite::repack_deb_index(OpenPgpSigner& signer) const {
  const fs::path folder = published() / deb_generation() / "main/binary-amd64";
  fs::remove_all(published() / "index" / deb_target);
  for (const char* name : {"main/binary-amd64/Packages.xz", "main/binary-amd64/Packages.gz", "Release"})
    fs::remove(published() / deb_generation() / name);
  run_shell("cd " + folder.string() + "; xz -k Packages; gzip -9 -k -n Packages");
  sign_deb_pointer(signer);
}

std::string TestSite::contents(const std::string& target, const std::vector<Package>& packages) const {
  std::string text = "{\"target\":\"" + target + "\",\"generation\":1,\"published_at\":\"" + Timestamp{published_at}.rfc3339() +
      "\",\"files\":[";
  const auto digest_fields = [&](const std::string& path) {
    const FileDigest digest = must(digest_file(published() / path));
    return "{\"path\":\"" + path + "\",\"sha256\":\"" + digest.sha256.hex() + "\",\"size_bytes\":" +
        std::to_string(digest.size_bytes);
  };
  const char* comma = "";
  for (const std::string& folder : {"index/" + target, "generations/" + target + "/000001"})
    for (const auto& entry : fs::recursive_directory_iterator(published() / folder)) {
      const std::string path = fs::relative(entry.path(), published()).string();
      if (!entry.is_regular_file() || path.ends_with("contents.json")) continue;
      text += comma + digest_fields(path) + "}";
      comma = ",";
    }
  text += "],\"packages\":[";
  comma = "";
  for (const Package& package : packages) {
    text += comma + digest_fields(package.path) + ",\"name\":\"" + package.name + "\",\"version\":\"" + package.version +
            "\",\"architecture\":\"" + package.architecture + "\"}";
    comma = ",";
  }
  return text + "]}";
}

void TestSite::seal(OpenPgpSigner& signer) const {
  std::string release = "{\"release\":1,\"published_at\":\"" + Timestamp{published_at}.rfc3339() +
      "\",\"kind\":\"promotion\",\"targets\":{";
  for (const char* target : {rpm_target, deb_target}) {
    const std::string path = std::string("generations/") + target + "/000001/contents.json";
    write(path, contents(target, target == rpm_target ? rpm_packages : deb_packages));
    release += std::string(target == rpm_target ? "" : ",") + "\"" + target + "\":{\"generation\":1,\"contents_sha256\":\"" +
               must(digest_file(published() / path)).sha256.hex() + "\"}";
  }
  release += "}}";
  write("releases/000001/release.json", release);
  write("releases/000001/release.json.asc", must(signer.sign_detached(release, SignatureForm::armored)));
}

}  // namespace packyard::test
