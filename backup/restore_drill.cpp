#include "backup/restore_drill.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "backup/started_gate.h"
#include "core/base64.h"
#include "core/durable_file.h"
#include "core/transfer/http_client.h"
#include "storage/sqlite_database.h"

namespace packyard {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds gate_start_max{120};
constexpr std::chrono::milliseconds question_max{10'000};
constexpr std::size_t answer_bytes_max = 64 * 1024;
constexpr unsigned status_allowed = 200, status_unknown = 401;

void add_ok(DrillReport& report, std::string text) { report.checks.push_back({DrillResult::ok, std::move(text)}); }
void add_failed(DrillReport& report, std::string text) { report.checks.push_back({DrillResult::failed, std::move(text)}); }

// Removes what the drill restored, secrets among it, however it ends.
class DrillFolder {
 public:
  static Result<DrillFolder> make(const fs::path& folder) {
    TRY(make_folders(folder.parent_path()));
    if (mkdir(folder.c_str(), 0700) != 0) return fail(system_error("making the scratch folder " + folder.string()));
    return DrillFolder(folder);
  }
  DrillFolder(DrillFolder&& other) noexcept : folder_(std::move(other.folder_)) { other.folder_.clear(); }
  DrillFolder& operator=(DrillFolder&&) = delete;
  ~DrillFolder() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

 private:
  explicit DrillFolder(fs::path folder) : folder_(std::move(folder)) {}
  fs::path folder_;
};

// The restored settings, laid over so that nothing of the running site is touched or asked.
std::vector<std::string> gate_environment(const RestorePlaces& places) {
  std::vector<std::string> environment = {
      "PACKYARD_CONFIG=" + (places.settings / "in-force.yml").string(),
      "PACKYARD_STORAGE_STATE=" + places.state.string(),
      "PACKYARD_STORAGE_PUBLISHED=" + places.published.string(),
      "PACKYARD_STORAGE_PUBLIC_KEYS=" + places.public_keys.string(),
      "PACKYARD_GATE_LISTEN=127.0.0.1:0",
      "PACKYARD_GATE_REGISTRY_LISTEN=127.0.0.1:0",
      "PACKYARD_GATE_METRICS_LISTEN=127.0.0.1:0",
      "PACKYARD_GATE_PROXIES=traefik",
      "PACKYARD_LOG_LEVEL=info",
  };
  // Where the programs' libraries are found, when that is not the usual place.
  for (const char* name : {"PATH", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name); value != nullptr) environment.push_back(std::string(name) + "=" + value);
  return environment;
}

Result<std::int64_t> count_keys(const fs::path& file) {
  TRY_ASSIGN(auto database, sqlite::Database::open(file, {.access = sqlite::Access::read_only}));
  return database.query_integer("SELECT count(*) FROM keys");
}

// The gate's status for an image registry's ping, which every valid key may ask.
Result<unsigned> ask_gate(std::uint16_t port, const Secret& key) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/auth";
  HttpCall call{"GET", url, {"X-Forwarded-Method: GET", "X-Forwarded-Uri: /v2/"}, {}, question_max};
  if (!key.empty()) call.headers.push_back("Authorization: Basic " + encode_base64("drill:" + std::string(key.reveal())));
  HttpClient client;
  TRY_ASSIGN(const auto answer, client.send(call, answer_bytes_max));
  return answer.head.status;
}

std::string amount(std::uint64_t number, std::string_view what) { return std::to_string(number) + " " + std::string(what); }

}  // namespace

bool DrillReport::is_good() const {
  return std::ranges::none_of(checks, [](const DrillCheck& check) { return check.result == DrillResult::failed; });
}

Result<void> RestoreDrill::restore(const DrillRequest& request, const BackupManifest& manifest, DrillReport& report) {
  BackupRestorer restorer(parts_.destination, parts_.runner);
  TRY_ASSIGN(const auto outcome, restorer.restore(manifest, {RestorePlaces::below(request.scratch), request.identity}));
  for (const BackupDamage& damage : outcome.damages) add_failed(report, damage.subject + ": " + damage.problem);
  if (outcome.damages.empty())
    add_ok(report, "restored " + amount(outcome.files, "files") + " of " + amount(outcome.bytes, "bytes") + " and " +
                       amount(manifest.secrets.size(), "secrets") + ", every digest as recorded");
  return {};
}

void RestoreDrill::try_key(const DrillRequest& request, std::uint16_t port, DrillReport& report) {
  const auto without = ask_gate(port, Secret());
  if (!without) return add_failed(report, "the gate does not answer: " + without.error().message);
  if (*without != status_unknown)
    return add_failed(report, "the gate answers " + std::to_string(*without) + " to a request without a key, instead of 401");
  add_ok(report, "the gate refuses a request without a key");
  if (!request.test_key) return;
  const auto with = ask_gate(port, *request.test_key);
  if (!with) return add_failed(report, "the gate does not answer: " + with.error().message);
  if (*with == status_allowed)
    add_ok(report, "the test key opens");
  else
    add_failed(report, "the test key does not open, status " + std::to_string(*with) +
                           ": it is no key of this backup, or may not be used now or from here");
}

void RestoreDrill::try_gate(const DrillRequest& request, const RestorePlaces& places, DrillReport& report) {
  const auto keys = count_keys(places.keys / "keys.db");
  if (!keys) return add_failed(report, "keys.db: " + keys.error().message);
  const auto gate = StartedGate::start(parts_.gate_program, gate_environment(places), gate_start_max);
  if (!gate) return add_failed(report, gate.error().message);
  if (gate->keys() != static_cast<std::uint64_t>(*keys))
    add_failed(report, "the gate loaded " + amount(gate->keys(), "keys") + ", the database has " + std::to_string(*keys));
  else
    add_ok(report, "the gate started with " + amount(gate->keys(), "keys") + " and their peppers");
  try_key(request, gate->port(), report);
}

void RestoreDrill::verify(const RestorePlaces& places, DrillReport& report) {
  if (!report.release) return add_ok(report, "no release was published yet");
  const auto findings = parts_.verify(places, places.settings / "in-force.yml");
  if (!findings) return add_failed(report, "verifying the tree: " + findings.error().message);
  for (const std::string& finding : *findings) add_failed(report, finding);
  if (findings->empty()) add_ok(report, "release " + std::to_string(*report.release) + " verifies as customers read it");
}

Result<DrillReport> RestoreDrill::run(const DrillRequest& request) {
  DrillReport report;
  TRY_ASSIGN(const auto ids, vault_.backups());
  if (ids.empty()) return fail(ErrorCode::not_found, "there is no backup in " + vault_.description());
  report.backup = request.backup.value_or(ids.back());
  const auto manifest = vault_.manifest(*report.backup);
  if (!manifest && manifest.error().code == ErrorCode::corrupt) {
    add_failed(report, manifest.error().message);
    return report;
  }
  if (!manifest) return fail(manifest.error());
  report.release = manifest->release;
  add_ok(report, "the manifest of " + report.backup->text() + " is whole");
  TRY_ASSIGN(const auto folder, DrillFolder::make(request.scratch));
  TRY(restore(request, *manifest, report));
  // On a damaged tree the rest would only name the same damage in other words.
  if (!report.is_good()) return report;
  const RestorePlaces places = RestorePlaces::below(request.scratch);
  try_gate(request, places, report);
  verify(places, report);
  return report;
}

}  // namespace packyard
