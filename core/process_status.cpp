#include "core/process_status.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace packyard {
namespace {

// Field numbers of /proc/self/stat as proc(5) counts them, from 1; the name in brackets may hold anything.
struct StatFields {
  std::uint64_t user_ticks = 0, system_ticks = 0, start_ticks = 0, virtual_bytes = 0, resident_pages = 0;
};

StatFields read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  StatFields fields;
  const std::size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return fields;
  std::istringstream rest(line.substr(bracket + 1));
  std::string text;
  for (int number = 3; rest >> text; ++number) {
    const auto value = [&] { return static_cast<std::uint64_t>(std::strtoull(text.c_str(), nullptr, 10)); };
    if (number == 14) fields.user_ticks = value();
    if (number == 15) fields.system_ticks = value();
    if (number == 22) fields.start_ticks = value();
    if (number == 23) fields.virtual_bytes = value();
    if (number == 24) fields.resident_pages = value();
  }
  return fields;
}

double boot_time_seconds() {
  std::ifstream file("/proc/stat");
  std::string name;
  double value = 0;
  while (file >> name) {
    if (name == "btime" && file >> value) return value;
    std::getline(file, name);
  }
  return 0;
}

}  // namespace

ProcessStatus read_process_status() {
  const StatFields fields = read_stat();
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessStatus status;
  status.cpu_seconds = static_cast<double>(fields.user_ticks + fields.system_ticks) / ticks_per_second;
  status.start_time_seconds = boot_time_seconds() + static_cast<double>(fields.start_ticks) / ticks_per_second;
  status.resident_bytes = fields.resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  status.virtual_bytes = fields.virtual_bytes;
  std::error_code failure;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", failure), end; !failure && entry != end;
       entry.increment(failure))
    ++status.open_descriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) status.descriptors_max = limit.rlim_cur;
  return status;
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace packyard
