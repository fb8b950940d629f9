#include "programs/packyard/admin.h"

#include "core/settings_file.h"
#include "programs/packyard/admin_service.h"
#include "programs/packyard/run_services.h"

namespace packyard {

ExitCode run_admin(const std::string& settings_file, const Environment& environment) {
  const auto settings = load_settings(settings_file, environment);
  if (!settings) return report(settings.error());
  const Log log(log_level_from(*settings));
  auto place = open_key_place(*settings);
  if (!place) return report(place.error());
  AdminService admin(*settings, *place, log);
  return run_services({&admin}, log);
}

}  // namespace packyard
