#include "cli/machine.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <utility>

namespace snn::cli {
namespace {

// The first word of a file of the kernel's, or -1.
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
    // Where the kernel does not say, every processor is taken for a core of its own.
    cores.insert(core < 0 ? std::pair(-1, cpu)
                          : std::pair(read_number(topology + "physical_package_id"), core));
  }
  return static_cast<int>(cores.size());
}

// The CPUs' worth of time that the cgroup (version 2, as a container sees its own) allows.
int cores_of_quota(int otherwise) {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return otherwise;  // "max 100000"
  return static_cast<int>(std::ceil(quota / period));
}

}  // namespace

int available_cores() {
  const int cores = cores_of_affinity();
  return std::max(1, std::min(cores, cores_of_quota(cores)));
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::round(static_cast<double>(usage.ru_maxrss) * 1024 / 1e5) / 10;
}

}  // namespace snn::cli
