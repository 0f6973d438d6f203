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

/// The folder of a sweep:
///
///     sweep.json  sweep.csv  ranking.csv  best.yaml  runs/NAME/  logs/NAME.{log,exit}
class SweepFiles {
 public:
  explicit SweepFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the folder and locks it for as long as the object lives: only then files are written.
  /// Throws Error(kUsage) if another snn-sweep is at work in it.
  void lock();
  /// What the user should know of the lock; empty: nothing.
  std::string warning() const { return lock_ ? lock_->warning() : ""; }

  /// As those of LockedFolder: nothing is written once the folder is another one.
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
  /// What the run's process printed.
  std::filesystem::path log(const PlannedRun& r) const { return logs() / (r.name + ".log"); }
  /// Its exit code, written when it ended, by whatever ran it; not there while it runs.
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

/// How far a run has come, read from its files alone, so that it does not matter what ran it.
struct RunResult {
  /// Done: all its epochs. Failed: diverged, or ended with an error or without a summary. Stopped:
  /// the epochs of its rung, and successive halving gave it no more.
  Status status = Status::kPending;
  std::optional<int> exit_code;
  std::string error;  ///< of a failed one: the last line it printed, or the signal that ended it
  Json summary;       ///< null without one

  bool diverged() const;
  /// A number of the summary.
  std::optional<double> number(const std::string& key) const;
  std::int64_t epochs() const;
};

/// The result of a run that is to have `epochs` epochs; 0: those of its configuration.
RunResult read_result(const SweepFiles& files, const PlannedRun& run, std::int64_t epochs = 0);

/// The epochs that a run has finished, and its metric at the last of them, while it goes on.
struct RunProgress {
  std::int64_t epoch = 0;
  std::optional<double> metric;
};
RunProgress read_progress(const SweepFiles& files, const PlannedRun& run,
                          const std::string& metric);

/// sweep.csv: a row a run, in the plan's order. Only the columns from `seconds` to `threads` depend
/// on how and where the runs were executed.
std::string results_to_csv(const Plan& plan, const std::vector<RunResult>& results);

/// What is known of one setting, from its runs that are done: those of all seeds.
struct Ranked {
  std::size_t setting = 0;  ///< its runs begin at setting * plan.seeds
  std::int64_t epochs = 0;  ///< fewer than all of a setting that successive halving stopped
  std::size_t seeds = 0;    ///< runs with a result
  std::size_t failed = 0;
  double mean = 0, min = 0, max = 0;  ///< of the metric
  std::optional<double> sd;           ///< sample standard deviation; none of one run
};

/// The settings that have a result, best first: those stopped after fewer epochs after the others.
std::vector<Ranked> rank(const Plan& plan, const std::vector<RunResult>& results);

/// ranking.csv.
std::string ranking_to_csv(const Plan& plan, const std::vector<Ranked>& ranking);

/// best.yaml: the configuration that repeats the setting's first run that has a result.
std::string best_to_yaml(const Plan& plan, const std::vector<RunResult>& results,
                         const Ranked& best);

}  // namespace snn
