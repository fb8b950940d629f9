#include "programs/packyard/check_config.h"

#include <cstdio>

#include "core/backup_settings.h"
#include "core/settings_file.h"
#include "core/settings_text.h"
#include "core/storage_settings.h"

namespace packyard {
namespace {

// Whether a secret is given, and how; never what it is.
void print_secret(const char* name, const Environment& environment) {
  const auto is_set = [&](const std::string& variable) {
    const auto found = environment.find(variable);
    return found != environment.end() && !found->second.empty();
  };
  const char* state = "not set";
  if (is_set(name)) state = "set by variable";
  if (is_set(std::string(name) + "_FILE")) state = is_set(name) ? "set twice: remove one" : "set by file";
  std::printf("# %s: %s\n", name, state);
}

}  // namespace

ExitCode check_config(const std::string& settings_file, const Environment& environment) {
  const auto settings = load_settings(settings_file, environment);
  if (!settings) return report(settings.error());
  const auto backup = load_backup_settings(settings_file, environment);
  if (!backup) return report(backup.error());
  std::printf("# in force, from %s and the environment\n%s", settings_file.c_str(),
              (settings_text(*settings) + settings_text(*backup)).c_str());
  for (const char* secret : {"GPG_PRIVATE_KEY", "GPG_PASSPHRASE", "COSIGN_PRIVATE_KEY", "COSIGN_PASSWORD"})
    print_secret(secret, environment);
  if (settings->storage.staging_s3)
    for (const std::string_view secret : {staging_access_key_variable, staging_secret_key_variable})
      print_secret(secret.data(), environment);
  if (backup->destination_s3)
    for (const std::string_view secret : {backup_access_key_variable, backup_secret_key_variable})
      print_secret(secret.data(), environment);
  return ExitCode::done;
}

}  // namespace packyard
