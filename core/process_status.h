// ProcessStatus: what the kernel knows about this process, for the metrics page (Prometheus' process_* names). proc(5).
// Any thread; a number that cannot be read is 0.
#pragma once

#include <cstdint>

namespace packyard {

struct ProcessStatus {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;
};

ProcessStatus read_process_status();

// A gate holds a descriptor for each connection; the usual soft limit of 1,024 is too few. Raises it as far as it may go.
void raise_descriptor_limit();

}  // namespace packyard
