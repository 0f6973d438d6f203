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

/// A sweep in progress: the state of each run, and the files that record it.
class Sweep {
 public:
  /// Executes tasks to their end; returns the signal that interrupted it, or 0.
  using Executor = std::function<int(const std::vector<Task>&, const ExecutionEvents&)>;

  /// Reads the existing results of the runs. `program` is the path of snn-train. Writes nothing.
  Sweep(const Plan& plan, const SweepFiles& files, std::string program);

  /// Executes every unfinished run, rung after rung, and keeps the files up to date. A rung is
  /// judged only when all its runs are done or diverged. Returns the signal that interrupted it, or
  /// 0. Tables that cannot be written cause only a warning, since they can be rewritten at any
  /// time; unwritten() tells the state at the end.
  int run(const Executor& execute, const ExecutionEvents& events);

  const Plan& plan() const { return plan_; }
  const SweepFiles& files() const { return files_; }
  const std::vector<RunResult>& results() const { return results_; }
  /// The number of runs with this status.
  std::size_t count(Status status) const;
  /// True if the result of a run is final: done, stopped or diverged. Other runs are retried.
  bool is_final(std::size_t run) const;
  /// The command that trains or resumes a run up to the end of its current rung.
  std::vector<std::string> command(std::size_t run) const;
  /// The number of epochs of a run at the end of its rung.
  std::int64_t epochs(std::size_t run) const;

  /// The reason why the tables are not up to date; empty if they are.
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
  std::size_t rung_ = 0;       ///< the rung in training
  Indices active_;             ///< the settings in that rung
  std::vector<Indices> kept_;  ///< the settings kept after each rung before it
  std::string unwritten_;
};

/// The decision of runs that do not state one, stored in `base` if it is not snn-train's default: a
/// sweep that began before --decision existed keeps count. Throws Error(kUsage).
Decision keep_decision(const SweepFiles& files, Settings& base);

/// Creates the folder of `plan`, or opens it to resume, and locks it. Throws Error(kUsage) if
/// another snn-sweep is running in it, or if it belongs to another sweep.
void open_sweep(const Plan& plan, SweepFiles& files);

/// Makes the same checks without writing anything.
void check_sweep(const Plan& plan, const SweepFiles& files);

}  // namespace snn
