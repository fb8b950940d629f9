// packyard keys export, import and create-many: keys as lines of JSON between files and the admin API, in requests of bounded size.
// Lines come from a file or, for "-", from standard input; what the admin answers goes to standard output. A request that is
// refused ends the run; those before it are done, and an import may simply be run again.
#pragma once

#include <string>

#include "admin/admin_client.h"
#include "programs/packyard/command_line.h"

namespace packyard {

ExitCode export_keys(const AdminClient& client);
ExitCode import_keys(const AdminClient& client, const std::string& file);
// The keys themselves are in the answers, this once.
ExitCode create_many_keys(const AdminClient& client, const std::string& file);

}  // namespace packyard
