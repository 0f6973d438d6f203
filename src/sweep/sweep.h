#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "snn/train/settings.h"
#include "sweep/execute.h"
#include "sweep/plan.h"
#include "sweep/results.h"

namespace snn {

/// A sweep on its way: what each run has come to, and the files that say so.
class Sweep {
 public:
  /// Executes tasks to their end; returns the signal that ended it before, or 0.
  using Executor = std::function<int(const std::vector<Task>&, const ExecutionEvents&)>;

  /// Reads what is there of the runs. `program` is the path of snn-train. Writes nothing.
  Sweep(const Plan& plan, const SweepFiles& files, std::string program);

  /// Executes every run that is not done, rung after rung, and keeps the files up to date. A rung
  /// is judged only when all its runs are done or diverged. Returns the signal that ended it
  /// before, or 0. Tables that cannot be written are a warning, for they can be made anew at any
  /// time; unwritten() says what is so at the end.
  int run(const Executor& execute, const ExecutionEvents& events);

  const Plan& plan() const { return plan_; }
  const SweepFiles& files() const { return files_; }
  const std::vector<RunResult>& results() const { return results_; }
  /// How many runs have this status.
  std::size_t count(Status status) const;
  /// Whether a run is what it is: done, stopped or diverged, or, as the others are tried again,
  /// not.
  bool is_final(std::size_t run) const;
  /// The command that trains a run, or goes on with it, to the end of the rung it is in.
  std::vector<std::string> command(std::size_t run) const;
  /// The epochs that a run is to have at the end of its rung.
  std::int64_t epochs(std::size_t run) const;

  /// Why the tables are not up to date; empty if they are.
  const std::string& unwritten() const { return unwritten_; }

 private:
  using Indices = std::vector<std::size_t>;

  std::int64_t rung_epochs() const;
  void read_results(const Indices& settings);
  void read_rungs();
  void write_rungs() const;
  void update_results(const ExecutionEvents& events);
  Indices chosen() const;
  void stop_the_others(const Indices& kept);
  std::vector<Task> unfinished() const;

  const Plan& plan_;
  const SweepFiles& files_;
  std::string program_;
  std::vector<RunResult> results_;
  std::size_t rung_ = 0;       ///< that is being trained
  Indices active_;             ///< settings that are in it
  std::vector<Indices> kept_;  ///< after each rung before it, the settings that went on
  std::string unwritten_;
};

/// What decides in runs that are told nothing, told to `base` where it is not snn-train's default:
/// a sweep that began before there was --decision goes on with count. Throws Error(kUsage).
Decision keep_decision(const SweepFiles& files, Settings& base);

/// Makes the folder of `plan`, or goes on in it, and locks it. Throws Error(kUsage) if another
/// snn-sweep is at work in it, or if it is of another sweep.
void open_sweep(const Plan& plan, SweepFiles& files);

/// The same check without writing anything.
void check_sweep(const Plan& plan, const SweepFiles& files);

}  // namespace snn
