#include "cli/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <utility>
#include <vector>

#include "snn/text/text.h"
#include "text/message.h"

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

// The number in a kernel file's first word, or -1.
int read_number(const std::string& path) {
  std::ifstream file(path);
  int number = -1;
  file >> number;
  return file ? number : -1;
}

int cores_of_affinity() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string topology = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    const int core = read_number(topology + "core_id");
    // If the kernel does not tell, every processor counts as a core.
    cores.insert(core < 0 ? std::pair(-1, cpu)
                          : std::pair(read_number(topology + "physical_package_id"), core));
  }
  return static_cast<int>(cores.size());
}

// The CPUs' worth of time that the files of one cgroup allow: cpu.max of version 2, the others of
// version 1.
std::optional<double> quota_of(const fs::path& group) {
  double quota = 0, period = 0;
  std::ifstream both(group / "cpu.max");
  // "max 100000" and -1 are no limit.
  if (both >> quota >> period && quota > 0 && period > 0) return quota / period;
  std::ifstream one(group / "cpu.cfs_quota_us"), other(group / "cpu.cfs_period_us");
  if (one >> quota && other >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

// The paths of this process's cgroups that can limit its CPU time, relative to the mount point. A
// line of the file is "0::/path" of version 2, "4:cpu,cpuacct:/path" of version 1.
std::vector<fs::path> cgroups(const fs::path& root) {
  std::vector<fs::path> paths;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() < 3) continue;
    const std::vector<std::string> controllers = split(parts[1], ',');
    const bool is_cpu = std::ranges::find(controllers, "cpu") != controllers.end();
    const std::size_t path = parts[0].size() + parts[1].size() + 2;  // the path may contain colons
    if (is_cpu || parts[1].empty()) paths.push_back(fs::path(line.substr(path)).relative_path());
  }
  // Within a container the path may be the host's, which is not visible here.
  paths.emplace_back();
  return paths;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
  constexpr const char* kMounts[] = {"", "unified", "cpu", "cpu,cpuacct", "cpuacct,cpu"};
  std::optional<double> least;
  for (const char* mount : kMounts) {
    for (const fs::path& path : cgroups(root)) {
      fs::path group = path;
      while (true) {
        const auto quota = quota_of(root / "sys/fs/cgroup" / mount / group);
        if (quota && (!least || *quota < *least)) least = quota;
        if (group.empty()) break;
        group = group.parent_path();
      }
    }
  }
  return least;
}

std::optional<int> threads_of_environment() {
  constexpr long long kMost = 1024;  // the maximum of --threads
  const char* value = std::getenv("OMP_NUM_THREADS");
  if (value == nullptr) return std::nullopt;
  long long threads = 0;
  const std::string first = split(value, ',')[0];
  if (!parse_integer(trimmed(first), threads) || threads < 1 || threads > kMost) {
    return std::nullopt;
  }
  return static_cast<int>(threads);
}

int available_cores() {
  const int cores = cores_of_affinity();
  const auto quota = cpu_quota();
  if (!quota) return std::max(1, cores);
  return std::max(1, static_cast<int>(std::min<double>(cores, std::ceil(*quota))));
}

int default_threads() {
  const auto threads = threads_of_environment();
  return threads ? *threads : available_cores();
}

int resolve_threads(std::int64_t threads) {
  return threads > 0 ? static_cast<int>(threads) : default_threads();
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::round(static_cast<double>(usage.ru_maxrss) * 1024 / 1e5) / 10;
}

}  // namespace snn::cli
