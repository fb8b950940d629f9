#include "programs/packyard/health.h"

#include "admin/admin_client.h"
#include "core/settings_file.h"

namespace packyard {
namespace {

constexpr std::chrono::seconds deadline{2};

// Where a listener can be asked from its own machine: one on all addresses answers on loopback too.
std::string own_url(const ListenAddress& address) {
  std::string host = address.host == "0.0.0.0" ? "127.0.0.1" : address.host == "::" ? "::1" : address.host;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(address.port);
}

}  // namespace

ExitCode run_health(const std::string& service, const std::string& settings_file, const Environment& environment) {
  const auto settings = load_settings(settings_file, environment);
  if (!settings) return report(settings.error());
  const bool is_gate = service == "gate";
  const std::string url = own_url(is_gate ? settings->gate.listen : settings->admin.listen);
  const auto client = AdminClient::make(url, deadline);
  if (!client) return report(client.error());
  const auto answer = client->send("GET", is_gate ? "/readyz" : "/healthz");
  if (!answer) return report(Error{ErrorCode::unavailable, "the " + service + " does not answer at " + url});
  if (answer->status == 200) return ExitCode::done;
  return report(Error{ErrorCode::unavailable, "the " + service + " at " + url + " says that it is not ready, status " +
                                                  std::to_string(answer->status) + "; its log says why"});
}

}  // namespace packyard
