// The packages tests read, built by real tools once per build folder and shared by all test programs.
#pragma once

#include <filesystem>

namespace packyard {

// Folder of .deb files made by tests/support/build_debs.
std::filesystem::path test_debs();
// Folder of .rpm files made by tests/support/build_rpms; `signed-by` in it has the key id that signed acme-signed.
std::filesystem::path test_rpms();
// Folder of image archives made by tests/support/build_images; `digests` in it has the digest of each.
std::filesystem::path test_images();

}  // namespace packyard
