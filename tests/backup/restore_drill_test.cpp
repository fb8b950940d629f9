#include "backup/restore_drill.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/backup_site.h"
#include "tests/support/memory_object_store.h"

namespace packyard {
namespace {

// Stands in for the gate: counts the keys of the restored database, answers one key with 200 and everything else with 401.
constexpr const char* gate_script = R"(#!/usr/bin/env python3
import base64, http.server, os, sqlite3, sys
assert sys.argv[1:] == ["gate"], sys.argv
keys = sqlite3.connect(os.environ["PACKYARD_STORAGE_STATE"] + "/keys.db").execute("SELECT count(*) FROM keys").fetchone()[0]
good = "Basic " + base64.b64encode(b"drill:pky_good").decode()
class Gate(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = self.path == "/auth" and self.headers["X-Forwarded-Uri"] == "/v2/" and self.headers["X-Forwarded-Method"] == "GET"
        self.send_response(404 if not asked else 200 if self.headers["Authorization"] == good else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Gate)
print(f"info gate_ready port={server.server_port} registry_port=1 metrics_port=1 threads=1 keys={keys}", file=sys.stderr, flush=True)
server.serve_forever()
)";

class RestoreDrillTest : public testing::Test {
 protected:
  RestoreDrillTest() {
    site_.publish(1, "one");
    BackupSite::write(program_, gate_script);
    EXPECT_EQ(chmod(program_.c_str(), 0700), 0);
    made_ = site_.back_up(store_).value();
  }
  Result<DrillReport> drill(const std::string& key = "", std::optional<BackupId> backup = std::nullopt) {
    DrillRequest request;
    request.backup = backup;
    request.scratch = site_.folder_ / "drill";
    if (!key.empty()) request.test_key = Secret(key);
    auto report = RestoreDrill(parts_).run(request);
    EXPECT_FALSE(std::filesystem::exists(request.scratch));
    return report;
  }
  static std::string text_of(const DrillReport& report) {
    std::string text;
    for (const DrillCheck& check : report.checks)
      text += (check.result == DrillResult::ok ? "OK: " : "FAILED: ") + check.text + "\n";
    return text;
  }
  // What a drill says after something was done to an object.
  std::string after(const std::string& name, const std::function<void(std::string&)>& how) {
    const auto key = ObjectKey::parse(name).value();
    const std::string whole = read_small_object(store_, key, 1 << 24).value();
    std::string bytes = whole;
    how(bytes);
    EXPECT_TRUE(bytes.empty() ? store_.remove(key) : store_.put(key, bytes));
    const auto report = drill();
    EXPECT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->is_good());
    EXPECT_TRUE(store_.put(key, whole));
    return text_of(*report);
  }

  BackupSite site_;
  MemoryObjectStore store_;
  std::filesystem::path program_ = site_.folder_ / "gate";
  std::vector<std::string> findings_;
  DrillParts parts_{store_, site_.runner_, program_, [this](const RestorePlaces& places, const std::filesystem::path& settings) {
                      EXPECT_EQ(BackupSite::read(places.published / "current/release.json"), "{\"release\":1}");
                      EXPECT_EQ(BackupSite::read(settings), "site: x\n");
                      return Result<std::vector<std::string>>(findings_);
                    }};
  BackupOutcome made_;
};

TEST_F(RestoreDrillTest, AGoodBackupPassesEveryCheck) {
  const auto report = drill("pky_good");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->is_good()) << text_of(*report);
  EXPECT_EQ(report->release, 1u);
  EXPECT_EQ(report->backup, made_.manifest.id);
  for (const char* expected :
       {"OK: the manifest of ", "OK: restored 4 files of ", "OK: the gate started with 1 keys",
        "OK: the gate refuses a request without a key", "OK: the test key opens", "OK: release 1 verifies"})
    EXPECT_NE(text_of(*report).find(expected), std::string::npos) << expected << "\n" << text_of(*report);
  EXPECT_EQ(text_of(*report).find("pky_"), std::string::npos);
}

TEST_F(RestoreDrillTest, AKeyThatDoesNotOpenAndATreeThatDoesNotVerifyFail) {
  findings_ = {"rpm/core: not signed"};
  const auto report = drill("pky_bad").value();
  EXPECT_FALSE(report.is_good());
  EXPECT_NE(text_of(report).find("FAILED: the test key does not open, status 401"), std::string::npos) << text_of(report);
  EXPECT_NE(text_of(report).find("FAILED: rpm/core: not signed"), std::string::npos);
}

TEST_F(RestoreDrillTest, EachDamageIsFoundAndNamed) {
  const auto flip = [](std::string& bytes) { bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1); };
  const std::string blob = BackupVault::blob_name(sha256("one")), manifest = BackupVault::manifest_name(made_.manifest.id);
  EXPECT_NE(after(blob, flip).find("FAILED: public/pool/deb/core/2025/acme_1_all.deb: " + blob), std::string::npos);
  EXPECT_NE(after(blob, [](std::string& bytes) { bytes.clear(); }).find("acme_1_all.deb: no object " + blob), std::string::npos);
  EXPECT_NE(after(manifest, flip).find("FAILED: " + manifest + ": the manifest is damaged"), std::string::npos);
  EXPECT_NE(after(BackupVault::secret_name(made_.manifest.id, 0), [](std::string& bytes) { bytes.resize(5000); })
                .find("FAILED: keys/keys.db: "),
            std::string::npos);
  EXPECT_TRUE(drill()->is_good());
}

TEST_F(RestoreDrillTest, AGateThatDoesNotStartIsACheckThatFailed) {
  BackupSite::write(program_, "#!/bin/sh\necho 'packyard: no pepper' >&2\nexit 3\n");
  EXPECT_NE(text_of(drill().value()).find("it said last: packyard: no pepper"), std::string::npos);
}

TEST_F(RestoreDrillTest, ABackupThatIsNotThereCannotBeTried) {
  EXPECT_EQ(drill("", BackupId{Timestamp{1}, BackupKind::daily}).error().code, ErrorCode::not_found);
  MemoryObjectStore empty;
  const DrillParts parts{empty, site_.runner_, program_, parts_.verify};
  EXPECT_EQ(RestoreDrill(parts).run({}).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace packyard
