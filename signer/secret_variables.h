// Secrets that come by the environment: NAME holds the value, or NAME_FILE names a file that does. Taken once at the start,
// before threads: a variable that held one is overwritten and removed, so that no program we start inherits it. Errors
// (ErrorCode::invalid or of the file) name the variable and file, never the value: both forms set, a file that others may read or
// write, a file that is neither file nor pipe, above 1 MiB, or empty where that is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/secret.h"

namespace packyard {

enum class SecretPrivacy { secret, open };  // open: others may read the file
enum class EmptyFile { refused, is_empty_secret };
enum class SecretOrigin { variable, file };

struct TakenSecret {
  Secret secret;
  SecretOrigin origin = SecretOrigin::variable;
};

// nullopt: neither is set. Set to nothing counts as not set.
Result<std::optional<TakenSecret>> take_secret(const std::string& name, SecretPrivacy privacy, EmptyFile empty_file);

// A passphrase or id without the one line end that editors and echo add.
std::string_view without_line_end(std::string_view text);

}  // namespace packyard
