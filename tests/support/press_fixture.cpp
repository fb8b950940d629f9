#include "tests/support/press_fixture.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "core/tree_path.h"
#include "promote/publisher.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

std::vector<TargetName> target_names() {
  std::vector<TargetName> names;
  for (const char* name : {"el9-x86_64", "el9-aarch64", "el8-x86_64"}) names.push_back(TargetName::parse(name).value());
  return names;
}

}  // namespace

PressFixture::PressFixture() : format_(target_names()) {
  public_ = folder_ / "public";
  state_ = folder_ / "state";
  staging_folder_ = folder_ / "staging";
  for (const char* component : {"core", "plus"})
    settings_.components.push_back({ComponentName::parse(component).value(), {Year::parse("2025").value()}});
  for (const auto& name : target_names()) {
    const std::string os = name.text().substr(0, 3), architecture = name.text().substr(4);
    settings_.rpm_targets.push_back({name, os, architecture, RpmTargetKind::binary, Compression::gzip, std::nullopt});
  }
  settings_.storage = {staging_folder_, {}, staging_folder_ / ".archive", state_, public_, folder_ / "gpg"};
  settings_.signing.key_id = signer_.fingerprint();
  staging_ = std::make_unique<FolderObjectStore>(staging_folder_);
  fs::create_directories(staging_folder_);
  parts_.reset(new PressParts{settings_,
                              *staging_,
                              ".archive",
                              *staging_,
                              {&format_},
                              signer_,
                              clock_,
                              log_,
                              progress_,
                              audit_,
                              PressActor{"tester", "local"},
                              [this](const VerifyRequest& request) { return judge(request); }});
}

void PressFixture::stage(const std::string& target_folder, const std::string& name, const std::string& bytes) {
  fs::create_directories(staging_folder_ / target_folder);
  std::ofstream(staging_folder_ / target_folder / name) << bytes;
  std::ofstream(staging_folder_ / target_folder / (name + ".sha256")) << sha256(bytes).hex() << "  " << name << "\n";
}

void PressFixture::stage_package(const std::string& name, const std::string& version, const std::string& architecture,
                                 const std::string& target_folder, const std::string& more) {
  stage(target_folder, name + "-" + version + "." + architecture + ".rpm",
        FakeFormat::package(name, version, architecture, more));
}

Result<PromotionOutcome> PressFixture::promote(const PromotionRequest& request) { return Promoter(*parts_).promote(request); }

std::uint64_t PressFixture::publish() {
  const auto outcome = promote();
  EXPECT_TRUE(outcome) << outcome.error().message;
  if (!outcome) return 0;
  for (const auto& finding : outcome->findings) ADD_FAILURE() << finding.subject << ": " << finding.problem;
  EXPECT_TRUE(outcome->release);
  return outcome->release.value_or(0);
}

std::set<std::string> PressFixture::listed(const std::string& target_text) const {
  std::set<std::string> packages;
  const fs::path generation = public_ / "current" / target_text;
  if (!fs::exists(generation)) return packages;
  std::istringstream repomd(read(generation / "repomd.xml"));
  std::string index_path;
  std::getline(repomd, index_path);
  std::istringstream index(read(public_ / index_path));
  for (std::string line; std::getline(index, line);) {
    std::istringstream words(line);
    std::string name, version, digest, time, path;
    if (!(words >> name >> version >> digest >> time >> path)) continue;
    EXPECT_EQ(sha256(read(public_ / path)).hex(), digest) << path;
    packages.insert(name + " " + version);
  }
  return packages;
}

std::set<std::string> PressFixture::pool() const {
  std::set<std::string> names;
  if (!fs::exists(public_ / "pool")) return names;
  for (const auto& entry : fs::recursive_directory_iterator(public_ / "pool"))
    if (entry.is_regular_file()) names.insert(entry.path().lexically_relative(public_ / "pool").string());
  return names;
}

std::uint64_t PressFixture::live() const { return current_release(public_).value().value_or(0); }

std::string PressFixture::read(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::map<std::string, std::string> PressFixture::tree(const fs::path& folder) {
  std::map<std::string, std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_symlink())
      files[name] = "-> " + fs::read_symlink(entry.path()).string();
    else if (entry.is_regular_file())
      files[name] = read(entry.path());
  }
  return files;
}

Result<VerifyReport> PressFixture::judge(const VerifyRequest& request) const {
  VerifyReport report;
  report.findings = verify_findings_;
  const auto find = [&](const std::string& path) {
    return fs::exists(*request.candidate / path) ? *request.candidate / path : request.published / path;
  };
  for (const auto& target : request.targets) {
    const fs::path link = *request.candidate / tree_path::release_target(*request.release, target);
    const std::string generation = fs::read_symlink(link).lexically_relative("../../../../..").string();
    const auto contents = nlohmann::json::parse(read(find(generation + "/contents.json")), nullptr, false);
    if (contents.is_discarded()) report.findings.push_back({target.text(), "no contents.json"});
    for (const char* part : {"files", "packages", "objects"})
      for (const auto& entry : contents.value(part, nlohmann::json::array()))
        if (entry["sha256"] != sha256(read(find(entry["path"]))).hex()) report.findings.push_back({entry["path"], "other bytes"});
  }
  return report;
}

}  // namespace packyard
