#include "programs/packyard/gate.h"

#include "core/settings_file.h"
#include "programs/packyard/gate_service.h"
#include "programs/packyard/run_services.h"

namespace packyard {

ExitCode run_gate(const std::string& settings_file, const Environment& environment) {
  const auto settings = load_settings(settings_file, environment);
  if (!settings) return report(settings.error());
  const Log log(log_level_from(*settings));
  auto place = open_key_place(*settings);
  if (!place) return report(place.error());
  GateService gate(*settings, *place, log);
  return run_services({&gate}, log);
}

}  // namespace packyard
