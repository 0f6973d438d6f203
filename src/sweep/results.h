#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "snn/text/names.h"
#include "sweep/plan.h"
#include "system/locked_folder.h"
#include "text/json.h"

namespace snn {

/// The layout of a sweep's folder:
///
///     sweep.json  sweep.csv  ranking.csv  best.yaml  runs/NAME/  logs/NAME.{log,exit}
class SweepFiles {
 public:
  explicit SweepFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Creates the folder and locks it during the object's lifetime; files are written only then.
  /// Throws Error(kUsage) if another snn-sweep is running in it.
  void lock();
  /// The warning about the lock for the user, or empty.
  std::string warning() const { return lock_ ? lock_->warning() : ""; }

  /// Like those of LockedFolder: nothing is written after the folder has been replaced.
  void check() const { lock_->check(); }
  void write(const std::filesystem::path& file, std::string_view bytes) const {
    lock_->write(file, bytes);
  }
  void remove(const std::filesystem::path& file) const { lock_->remove(file); }

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path plan() const { return folder_ / "sweep.json"; }
  std::filesystem::path table() const { return folder_ / "sweep.csv"; }
  std::filesystem::path ranking() const { return folder_ / "ranking.csv"; }
  std::filesystem::path best() const { return folder_ / "best.yaml"; }
  std::filesystem::path rungs() const { return folder_ / "rungs.json"; }
  std::filesystem::path runs() const { return folder_ / "runs"; }
  std::filesystem::path run(const PlannedRun& run) const { return runs() / run.name; }
  std::filesystem::path summary(const PlannedRun& r) const { return run(r) / "summary.json"; }
  std::filesystem::path metrics(const PlannedRun& r) const { return run(r) / "metrics.csv"; }
  std::filesystem::path logs() const { return folder_ / "logs"; }
  /// The output of the run's process.
  std::filesystem::path log(const PlannedRun& r) const { return logs() / (r.name + ".log"); }
  /// Its exit code, written by the executor when it ended; missing while it runs.
  std::filesystem::path exit(const PlannedRun& r) const { return logs() / (r.name + ".exit"); }

 private:
  std::filesystem::path folder_;
  std::optional<LockedFolder> lock_;
};

enum class Status { kPending, kInterrupted, kDone, kFailed, kStopped };
template <>
struct Names<Status> {
  static constexpr std::pair<Status, std::string_view> table[] = {
      {Status::kPending, "pending"},
      {Status::kInterrupted, "interrupted"},
      {Status::kDone, "done"},
      {Status::kFailed, "failed"},
      {Status::kStopped, "stopped"}};
};

/// The progress of a run, read from its files alone, so that it does not depend on the executor.
struct RunResult {
  /// kDone: all epochs are finished. kFailed: the run diverged, or ended with an error or without a
  /// summary. kStopped: the epochs of its rung are finished, and successive halving did not keep
  /// it.
  Status status = Status::kPending;
  std::optional<int> exit_code;
  std::string error;  ///< of a failed run: its last line of output, or the signal that ended it
  Json summary;       ///< null without one

  bool diverged() const;
  /// A number of the summary.
  std::optional<double> number(const std::string& key) const;
  std::int64_t epochs() const;
};

/// The result of a run that is to train `epochs` epochs; 0: the number in its configuration.
RunResult read_result(const SweepFiles& files, const PlannedRun& run, std::int64_t epochs = 0);

/// The finished epochs of a running run, and its metric after the last of them.
struct RunProgress {
  std::int64_t epoch = 0;
  std::optional<double> metric;
};
RunProgress read_progress(const SweepFiles& files, const PlannedRun& run,
                          const std::string& metric);

/// The content of sweep.csv: one row per run, in the plan's order. Only the columns from `seconds`
/// to `threads` depend on how and where the runs were executed.
std::string results_to_csv(const Plan& plan, const std::vector<RunResult>& results);

/// The results of one setting over its finished runs, one per seed.
struct Ranked {
  std::size_t setting = 0;  ///< the index of its first run is setting * plan.seeds
  std::int64_t epochs = 0;  ///< fewer than the others' if successive halving stopped the setting
  std::size_t seeds = 0;    ///< runs with a result
  std::size_t failed = 0;
  double mean = 0, min = 0, max = 0;  ///< of the metric
  std::optional<double> sd;           ///< sample standard deviation; none for one run
};

/// The settings that have a result, best first; settings stopped after fewer epochs come last.
std::vector<Ranked> rank(const Plan& plan, const std::vector<RunResult>& results);

/// The content of ranking.csv.
std::string ranking_to_csv(const Plan& plan, const std::vector<Ranked>& ranking);

/// The content of best.yaml: the configuration that repeats the setting's first run with a result.
std::string best_to_yaml(const Plan& plan, const std::vector<RunResult>& results,
                         const Ranked& best);

}  // namespace snn
