// The packages tests read, built by real tools once per build folder and shared by all test programs.
#pragma once

#include <filesystem>

namespace packyard {

// Folder of .deb files made by tests/support/build_debs.
std::filesystem::path test_debs();

}  // namespace packyard
