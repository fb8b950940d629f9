// A release store, a staging folder and a press with fake packages, in a temporary folder: for fast tests of the order.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "promote/press_parts.h"
#include "promote/promoter.h"
#include "storage/folder_object_store.h"
#include "tests/support/fake_format.h"
#include "tests/support/fake_signer.h"
#include "tests/support/memory_audit_log.h"
#include "tests/support/temporary_folder.h"

namespace packyard {

class PressFixture : public testing::Test {
 protected:
  PressFixture();

  // Stages a file with its checksum; the folder is component/year/format/target.
  void stage(const std::string& target_folder, const std::string& name, const std::string& bytes);
  void stage_package(const std::string& name, const std::string& version, const std::string& architecture = "x86_64",
                     const std::string& target_folder = "core/2025/rpm/el9-x86_64", const std::string& more = "");
  Result<PromotionOutcome> promote(const PromotionRequest& request = {});
  // Promotes and expects a release.
  std::uint64_t publish();
  // "acme 1.0" for each package that the target of the live release lists, as a customer reads it: current, generation, index.
  std::set<std::string> listed(const std::string& target_text) const;
  // Names below public/pool.
  std::set<std::string> pool() const;
  std::uint64_t live() const;
  static std::string read(const std::filesystem::path& file);
  // Every file below a folder with its bytes; links as "-> target".
  static std::map<std::string, std::string> tree(const std::filesystem::path& folder);
  // The judge the press is given: whatever contents.json lists must be there, with those bytes.
  Result<VerifyReport> judge(const VerifyRequest& request) const;

  TemporaryFolder folder_;
  std::filesystem::path public_, state_, staging_folder_;
  Settings settings_;
  ManualClock clock_{Timestamp{1'800'000'000}};
  FakeSigner signer_;
  FakeFormat format_;
  std::unique_ptr<FolderObjectStore> staging_;
  Log log_{LogLevel::error};
  MemoryAuditLog audit_;
  Progress progress_{ProgressForm::none, 2};
  std::unique_ptr<PressParts> parts_;
  std::vector<Finding> verify_findings_;  // what the judge is told to find
};

}  // namespace packyard
