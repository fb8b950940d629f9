// Reads the control file out of a Debian binary package (deb(5): an ar archive with debian-binary, control.tar.*, data.tar.*), with
// its own small readers of ar and tar: verify shares no code with the writers. Strict and bounded; outside bytes. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.h"

namespace packyard {

// The text of ./control. Reads the front of the file only.
Result<std::string> read_deb_control(const std::filesystem::path& package);

// The text of ./control in an unpacked control.tar; invalid when it has none.
Result<std::string> find_control(std::string_view tar);

}  // namespace packyard
