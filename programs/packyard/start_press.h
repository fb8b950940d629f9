// Starts packyard-press, which stands beside this executable, in place of this process: promote, release, withdraw, verify,
// signing-key, backup and restore live there, because only it links RPM, GPG and archive libraries.
#pragma once

#include <string_view>

namespace packyard {

bool is_press_command(std::string_view name);
// Does not return when it succeeds; otherwise prints why and returns the exit code.
int start_press(char** arguments);

}  // namespace packyard
