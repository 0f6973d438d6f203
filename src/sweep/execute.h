#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sweep/plan.h"
#include "sweep/process.h"
#include "sweep/results.h"

namespace snn {

/// A run to execute now.
struct Task {
  std::size_t run = 0;  ///< its index in the plan
  std::vector<std::string> command;
};

/// The callbacks of an execution.
struct ExecutionEvents {
  std::function<void(std::size_t run, int threads)> started = [](std::size_t, int) {};
  std::function<void(std::size_t run)> ended = [](std::size_t) {};
  /// Called several times per second, to show the progress of the runs.
  std::function<void()> tick = [] {};
  std::function<void(const std::string&)> note = [](const std::string&) {};
  std::function<void(const std::string&)> warning = [](const std::string&) {};
};

/// The resources and the way to execute tasks.
struct Execution {
  const Plan& plan;
  const SweepFiles& files;
  const Signals& signals;
  int jobs = 1;     ///< concurrent runs; for Slurm 0: no limit
  int cores = 1;    ///< shared among the runs
  int threads = 0;  ///< per run; 0: an equal share of the cores
  /// A shell command that executes a run, with placeholders (filled_template()); empty: the run is
  /// started directly.
  std::string shell_template = {};
  std::vector<std::string> sbatch_arguments = {};
  bool waits = true;  ///< waits for Slurm's job; else only submits it and collects finished results
};

/// The number of threads of the next run when `slots` runs are to share `cores` free cores.
int share_of(int cores, int slots);

/// Executes the tasks on this machine, `jobs` at once. A run in whose folder another process is
/// still training waits until that process ends. A signal that requests an end (end_signals.h) is
/// passed on to all runs, which then save a checkpoint; a second SIGINT, SIGTERM or SIGQUIT ends
/// everything immediately, this process included. Returns the signal, or 0. Throws
/// Error(kInternal), after ending the runs, if it cannot continue, as when the folder of the sweep
/// was replaced.
int execute_locally(const std::vector<Task>& tasks, const Execution& execution,
                    const ExecutionEvents& events);

/// Executes the tasks as a job array of Slurm: writes slurm.sh, submits it with sbatch, and waits
/// until each task has written its exit code or the job is gone. Tasks of a job that was submitted
/// earlier and is queued or running are not submitted again. A signal that requests an end ends the
/// waiting, not the job. Returns the signal, or 0. Throws Error(kInternal) if sbatch fails.
int execute_by_slurm(const std::vector<Task>& tasks, const Execution& execution,
                     const ExecutionEvents& events);

/// The script of the job array for `tasks`.
std::string slurm_script(const std::vector<Task>& tasks, const Execution& execution);

/// Fills `shell_template` for a task. {command}: its words, quoted for a shell; {quoted}: a change
/// into this folder and the command, as one word, for a shell that another program starts; {name}:
/// the name of the run; {index}: its index in the plan, from 0; {slot}: the number of its job slot,
/// from 1; {log}: the file for its output.
std::string filled_template(const std::string& shell_template, const Task& task, int slot,
                            const Execution& execution);

/// The problem with such a template, or nothing.
std::string template_problem(const std::string& shell_template);

}  // namespace snn
