#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/run.h"
#include "text/csv.h"

namespace snn::report {

/// One run in the files of a sweep.
struct SweepRun {
  std::string name;
  std::vector<std::string> values;  ///< values of the sweep's parameters
  std::int64_t seed = 0;
  std::string status;     ///< done, failed, interrupted, pending or stopped
  std::string exit_code;  ///< exit code of a run that ended
  std::string error;      ///< error of a failed run, or the reason why its files are unreadable
  std::optional<RunFiles> files;  ///< without predictions; empty before the first metrics
};

/// The content of a sweep's folder: sweep.json and, if present, sweep.csv, ranking.csv and the
/// runs.
struct SweepFolder {
  std::filesystem::path path;
  std::string name;
  std::string method;
  std::string metric;        ///< a number of summary.json
  bool is_maximized = true;  ///< true if higher is better
  std::vector<std::string> parameters;
  std::vector<std::string> arguments;  ///< flags of every run
  std::vector<SweepRun> runs;
  std::optional<Csv> ranking;  ///< settings, best first
};

/// True if `path` has the plan of a sweep.
bool has_sweep(const std::filesystem::path& path);

/// Reads the folder of a sweep. Runs with damaged files do not prevent reading the others. Throws
/// Error(kCheckpoint) for other missing or damaged files.
SweepFolder read_sweep(const std::filesystem::path& path);

}  // namespace snn::report
