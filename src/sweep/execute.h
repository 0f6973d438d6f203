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

/// A run that is to be executed now.
struct Task {
  std::size_t run = 0;  ///< in the plan
  std::vector<std::string> command;
};

/// What is told while tasks are executed.
struct ExecutionEvents {
  std::function<void(std::size_t run, int threads)> started = [](std::size_t, int) {};
  std::function<void(std::size_t run)> ended = [](std::size_t) {};
  /// Several times a second, to show how far the runs are.
  std::function<void()> tick = [] {};
  std::function<void(const std::string&)> note = [](const std::string&) {};
  std::function<void(const std::string&)> warning = [](const std::string&) {};
};

/// Where and how tasks are executed.
struct Execution {
  const Plan& plan;
  const SweepFiles& files;
  const Signals& signals;
  int jobs = 1;     ///< runs at once; for Slurm 0: as many as it likes
  int cores = 1;    ///< to share among them
  int threads = 0;  ///< of each run; 0: its share of the cores
  /// A line for a shell that executes a run, with placeholders (filled_template()); empty: the
  /// run is started as it is.
  std::string shell_template = {};
  std::vector<std::string> sbatch_arguments = {};
  bool waits = true;  ///< for Slurm's job; else it is only submitted and what is there gathered
};

/// The threads of the next run to start when `slots` of them are to share `cores` free cores.
int share_of(int cores, int slots);

/// Executes the tasks on this machine, `jobs` at once. A run in whose folder another process is
/// still training waits until that has ended. A signal that asks for an end (end_signals.h) is
/// passed on to all runs, which then leave a checkpoint; a second SIGINT, SIGTERM or SIGQUIT ends
/// everything at once, this process too. Returns the signal, or 0. Throws Error(kInternal), having
/// ended the runs, where it cannot go on, as when the folder of the sweep was replaced.
int execute_locally(const std::vector<Task>& tasks, const Execution& execution,
                    const ExecutionEvents& events);

/// Executes the tasks as a job array of Slurm: writes slurm.sh, submits it with sbatch, and waits
/// until each has left its exit code in the folder, or the job is gone. Tasks of a job that was
/// submitted earlier and is still there are not submitted again. Signals that ask for an end
/// end the waiting, not the job. Returns the signal, or 0. Throws Error(kInternal) if sbatch fails.
int execute_by_slurm(const std::vector<Task>& tasks, const Execution& execution,
                     const ExecutionEvents& events);

/// The script of the job array for `tasks`.
std::string slurm_script(const std::vector<Task>& tasks, const Execution& execution);

/// `shell_template` with a task in it. {command}: its words, for a shell; {quoted}: a change into
/// this folder and the command, as one word, for a shell that another program starts; {name}: of
/// the run; {index}: in the plan, from 0; {slot}: which of the jobs, from 1; {log}: where its
/// output goes.
std::string filled_template(const std::string& shell_template, const Task& task, int slot,
                            const Execution& execution);

/// What is wrong with such a template, or nothing.
std::string template_problem(const std::string& shell_template);

}  // namespace snn
