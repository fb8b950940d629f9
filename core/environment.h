// Environment: the process's variables as a plain map, read once in main, so that tests can give their own.
#pragma once

#include <map>
#include <string>

namespace packyard {

using Environment = std::map<std::string, std::string>;

Environment read_environment();

}  // namespace packyard
