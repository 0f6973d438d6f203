#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/run.h"
#include "text/csv.h"

namespace snn::report {

/// What the files of a sweep say of one of its runs.
struct SweepRun {
  std::string name;
  std::vector<std::string> values;  ///< of the sweep's parameters
  std::int64_t seed = 0;
  std::string status;             ///< done, failed, interrupted, pending or stopped
  std::string exit_code;          ///< of one that ended
  std::string error;              ///< of one that failed, or why its files cannot be read
  std::optional<RunFiles> files;  ///< without predictions; none where it has no metrics yet
};

/// What the files of a sweep's folder say: sweep.json, and sweep.csv, ranking.csv and the runs as
/// far as they are there.
struct SweepFolder {
  std::filesystem::path path;
  std::string name;
  std::string method;
  std::string metric;        ///< a number of summary.json
  bool is_maximized = true;  ///< whether more of it is better
  std::vector<std::string> parameters;
  std::vector<std::string> arguments;  ///< flags of every run
  std::vector<SweepRun> runs;
  std::optional<Csv> ranking;  ///< settings, the best first
};

/// Whether there is the plan of a sweep in `path`.
bool has_sweep(const std::filesystem::path& path);

/// Reads the folder of a sweep. A run whose files are damaged does not keep the others from being
/// read. Throws Error(kCheckpoint) for other files that are missing or damaged.
SweepFolder read_sweep(const std::filesystem::path& path);

}  // namespace snn::report
