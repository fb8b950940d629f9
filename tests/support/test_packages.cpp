#include "tests/support/test_packages.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/check.h"
#include "core/command_runner.h"

namespace packyard {
namespace {

std::filesystem::path built_by(const std::string& script, const std::string& name) {
  const char* const source = std::getenv("PACKYARD_SOURCE_DIR");
  const char* const build = std::getenv("PACKYARD_BUILD_DIR");
  CHECK(source != nullptr && build != nullptr);  // run tests through ctest, or set both
  const std::filesystem::path folder = std::filesystem::path(build) / "test-packages" / name;
  SystemCommandRunner runner;
  const auto outcome = runner.run({.arguments = {std::string(source) + "/tests/support/" + script, folder.string()},
                                   .environment = {},
                                   .input = {},
                                   .deadline = std::chrono::minutes(8)});
  if (!outcome || outcome->exit_status != 0)
    std::fprintf(stderr, "%s failed: %s\n", script.c_str(), outcome ? outcome->errors.c_str() : outcome.error().message.c_str());
  CHECK(outcome && outcome->exit_status == 0);
  return folder;
}

}  // namespace

std::filesystem::path test_debs() {
  static const std::filesystem::path folder = built_by("build_debs", "debs");
  return folder;
}

std::filesystem::path test_rpms() {
  static const std::filesystem::path folder = built_by("build_rpms", "rpms");
  return folder;
}

std::filesystem::path test_images() {
  static const std::filesystem::path folder = built_by("build_images", "images");
  return folder;
}

}  // namespace packyard
