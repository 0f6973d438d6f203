#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace snn::cli {

/// The number of physical cores available to this process: those of its CPU affinity (which Slurm,
/// taskset and containers with a set of CPUs change), hyper-threads of one core counted once, and
/// no more than its CPU quota. At least 1.
int available_cores();

/// The first number of $OMP_NUM_THREADS, which may be 4 or 4,2; none if invalid.
std::optional<int> threads_of_environment();

/// The default number of threads: that of the environment, else one per available core.
int default_threads();

/// `threads`, or default_threads() for 0.
int resolve_threads(std::int64_t threads);

/// The CPUs' worth of time that the cgroups of this process allow, its own and those above it, of
/// version 1 and 2; none if unlimited. `root` replaces the root of the file system.
std::optional<double> cpu_quota(const std::filesystem::path& root = "/");

/// The peak memory of this process so far, in MB (10^6 bytes).
double peak_memory_mb();

}  // namespace snn::cli
