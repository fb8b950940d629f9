#include "programs/packyard_press/press_command.h"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "core/command_runner.h"
#include "programs/packyard_press/staging_place.h"
#include "promote/deb_format.h"
#include "promote/oci_format.h"
#include "promote/rpm_format.h"
#include "promote/store_paths.h"
#include "signer/cosign_signer.h"
#include "signer/gpg_signer.h"
#include "signer/image_key_judge.h"
#include "storage/file_audit_log.h"
#include "verify/site_verifier.h"

namespace packyard {
namespace {

// For commands that only read the catalog.
class NoSigner final : public OpenPgpSigner {
 public:
  Result<std::string> sign_detached(std::string_view, SignatureForm) override { return refuse(); }
  Result<std::string> sign_clear(std::string_view) override { return refuse(); }
  Result<std::string> public_key() override { return refuse(); }
  std::string fingerprint() const override { return {}; }

 private:
  static Result<std::string> refuse() {
    return fail(ErrorCode::internal, "signing: this command was opened without the signing key");
  }
};

LogLevel level_of(const Settings& settings) {
  if (settings.log.level == "debug") return LogLevel::debug;
  if (settings.log.level == "error") return LogLevel::error;
  return LogLevel::warning;  // a person sees the result and the progress
}

constexpr std::size_t actor_length_max = 64;

std::string account_name() {
  const uid_t account = getuid();
  std::array<char, 4096> buffer{};
  passwd entry{}, *found = nullptr;
  if (getpwuid_r(account, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return "uid " + std::to_string(account);
}

}  // namespace

Result<PressActor> local_actor(const std::string& on_behalf_of) {
  const bool is_plain = on_behalf_of.size() <= actor_length_max && std::ranges::all_of(on_behalf_of, [](unsigned char c) {
                          return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
                        });
  if (!is_plain)
    return fail(ErrorCode::invalid, "reading --on-behalf-of: a name is up to 64 printable ASCII characters without \" and \\");
  return PressActor{account_name() + (on_behalf_of.empty() ? "" : " for " + on_behalf_of), "local"};
}

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::invalid:
    case ErrorCode::not_found: return ExitCode::refused;
    case ErrorCode::conflict: return ExitCode::conflict;
    case ErrorCode::unavailable:
    case ErrorCode::corrupt:
    case ErrorCode::internal: return ExitCode::failed;
  }
  return ExitCode::failed;
}

Result<Scope> ScopeOptions::parse() const {
  Scope scope;
  if (!component.empty()) {
    TRY_ASSIGN(scope.component, ComponentName::parse(component));
  }
  if (!year.empty()) {
    TRY_ASSIGN(scope.year, Year::parse(year));
  }
  if (!format.empty()) {
    TRY_ASSIGN(scope.format, parse_format(format));
  }
  if (!target.empty()) {
    TRY_ASSIGN(scope.target, TargetName::parse(target));
  }
  return scope;
}

void add_scope_options(CLI::App& app, ScopeOptions& options) {
  app.add_option("--component", options.component, "only this component");
  app.add_option("--year", options.year, "only this year");
  app.add_option("--format", options.format, "only this format: rpm, deb or oci");
  app.add_option("--target", options.target, "only this target: os-arch, suite or image");
}

void add_json_option(CLI::App& app, PressCommand& command) {
  app.add_flag("--json", command.json, "the result as JSON on standard output, no progress");
}

struct OpenedPress::State {
  State(const Settings& from, const PressCommand& command, std::unique_ptr<OpenPgpSigner> with,
        std::unique_ptr<ImageSigner> images_with, StagingPlace opened)
      : settings(from),
        place(std::move(opened)),
        signer(std::move(with)),
        image_signer(std::move(images_with)),
        rpm(settings),
        deb(settings),
        oci(settings, image_signer.get()),
        verifier(runner, clock),
        log(level_of(settings)),
        audit(AuditFiles::of_press(settings.storage.state), log),
        progress(command.json ? Progress(ProgressForm::none, STDERR_FILENO) : Progress::for_descriptor(STDERR_FILENO)),
        parts{settings,
              *place.staging,
              place.archive_folder,
              place.archive(),
              {&rpm, &deb, &oci},
              *signer,
              clock,
              log,
              progress,
              audit,
              command.actor,
              [this](const VerifyRequest& request) { return verifier.verify(request); }} {
    progress.watch(command.progress_watcher);
  }

  Settings settings;
  StagingPlace place;
  std::unique_ptr<OpenPgpSigner> signer;
  std::unique_ptr<ImageSigner> image_signer;  // null: no key for images is configured
  RpmFormat rpm;
  DebFormat deb;
  OciFormat oci;
  SystemClock clock;
  SystemCommandRunner runner;
  SiteVerifier verifier;
  Log log;
  FileAuditLog audit;
  Progress progress;
  PressParts parts;
};

OpenedPress::OpenedPress(std::unique_ptr<State> state) : state_(std::move(state)) {}
OpenedPress::~OpenedPress() = default;
const PressParts& OpenedPress::parts() const { return state_->parts; }

Result<std::unique_ptr<OpenedPress>> OpenedPress::open(const Settings& settings, const PressCommand& command, Signing signing) {
  // First: secrets go out of the environment before a program is started that would inherit them.
  TRY_ASSIGN(StagingPlace place, open_staging_place(settings.storage));
  std::unique_ptr<OpenPgpSigner> signer = std::make_unique<NoSigner>();
  std::unique_ptr<ImageSigner> image_signer;
  if (signing == Signing::needed) {
    TRY_ASSIGN(image_signer, open_image_signer());
    TRY_ASSIGN(signer, open_signer(settings.signing));
    if (image_signer && !settings.oci_targets.empty())
      TRY(check_image_key_is_served(store_paths::image_public_key(settings), image_signer->public_key()));
  }
  return std::unique_ptr<OpenedPress>(
      new OpenedPress(std::make_unique<State>(settings, command, std::move(signer), std::move(image_signer), std::move(place))));
}

}  // namespace packyard
