#include "programs/packyard/serve.h"

#include "core/settings_file.h"
#include "programs/packyard/admin_service.h"
#include "programs/packyard/gate_service.h"
#include "programs/packyard/run_services.h"

namespace packyard {

ExitCode run_serve(const std::string& settings_file, const Environment& environment) {
  const auto settings = load_settings(settings_file, environment);
  if (!settings) return report(settings.error());
  const Log log(log_level_from(*settings));
  // Each has a connection of its own: while the admin waits for the disk, the gate still reads.
  auto admin_place = open_key_place(*settings);
  if (!admin_place) return report(admin_place.error());
  auto gate_place = open_key_place(*settings);
  if (!gate_place) return report(gate_place.error());
  AdminService admin(*settings, *admin_place, log);
  GateService gate(*settings, *gate_place, log);
  // The gate is started last: once it answers that it is ready, so is the admin.
  return run_services({&admin, &gate}, log);
}

}  // namespace packyard
