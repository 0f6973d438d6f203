#pragma once

namespace snn::cli {

/// The physical cores this process may use: those of its CPU affinity, hyper-threads of one core
/// counted once, and no more than its cgroup's CPU quota. At least 1.
int available_cores();

/// The most memory this process has held so far, in MB (10^6 bytes).
double peak_memory_mb();

}  // namespace snn::cli
