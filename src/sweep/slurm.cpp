#include <algorithm>
#include <map>
#include <set>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "sweep/execute.h"
#include "system/end_signals.h"
#include "system/files.h"
#include "text/json.h"
#include "text/message.h"
#include "text/shell.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::steady_clock;

fs::path script_path(const SweepFiles& files) { return files.folder() / "slurm.sh"; }

// The submitted jobs with the names of their runs: {"12": ["beta=0.5_seed=1", …]}.
fs::path jobs_path(const SweepFiles& files) { return files.folder() / "slurm.json"; }

using Jobs = std::map<std::string, std::set<std::string>>;

Jobs read_jobs(const fs::path& path) {
  if (!is_there(path, ExitCode::kUsage)) return {};
  try {
    return json_if_valid(read_file(path, ExitCode::kUsage, kLargestTable))
        .value_or(Json())
        .get<Jobs>();
  } catch (const Json::exception&) {
    throw Error(ExitCode::kUsage,
                path.string() + ": damaged; remove it if none of its jobs is queued or running");
  }
}

// True if a job is queued or running, or if squeue cannot tell.
bool is_alive(const std::string& job) {
  const ToolResult result = run_tool({"squeue", "-h", "-j", job});
  const bool is_unknown = result.output.find("Invalid job id") != std::string::npos;
  return !is_unknown && (result.code != 0 || !trimmed(result.output).empty());
}

// The ranges of the indices: 0-2,5 for 0, 1, 2, 5.
std::string ranges(const std::vector<Task>& tasks) {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < tasks.size();) {
    std::size_t end = i;
    while (end + 1 < tasks.size() && tasks[end + 1].run == tasks[end].run + 1) ++end;
    const std::string first = std::to_string(tasks[i].run);
    pieces.push_back(end == i ? first : first + "-" + std::to_string(tasks[end].run));
    i = end + 1;
  }
  return join(pieces, ",");
}

// Escapes a file name for sbatch, where %j stands for the job.
std::string without_patterns(const std::string& path) { return join(split(path, '%'), "%%"); }

class SlurmExecutor {
 public:
  SlurmExecutor(const std::vector<Task>& tasks, const Execution& execution,
                const ExecutionEvents& events)
      : execution_(execution), events_(events), tasks_(tasks) {
    for (const Task& task : tasks) pending_.insert(task.run);
  }

  int run() {
    find_jobs();
    std::vector<Task> fresh;
    for (const Task& task : tasks_) {
      if (!is_submitted(run_of(task.run))) fresh.push_back(task);
    }
    if (!fresh.empty()) submit(fresh);
    return execution_.waits ? wait() : 0;
  }

 private:
  const PlannedRun& run_of(std::size_t run) const { return execution_.plan.runs[run]; }

  bool has_ended(const PlannedRun& run) const {
    std::error_code ignored;
    return fs::exists(execution_.files.exit(run), ignored);
  }

  bool is_submitted(const PlannedRun& run) const {
    if (has_ended(run)) return false;  // it will be retried
    return std::ranges::any_of(jobs_,
                               [&](const auto& job) { return job.second.contains(run.name); });
  }

  // Finds the jobs of earlier calls that are still queued or running.
  void find_jobs() {
    for (auto& [job, runs] : read_jobs(jobs_path(execution_.files))) {
      if (!is_alive(job)) continue;
      jobs_[job] = runs;
      events_.note("job " + job + " was submitted earlier and is still queued or running");
    }
  }

  void submit(const std::vector<Task>& tasks) {
    const fs::path script = script_path(execution_.files);
    execution_.files.write(script, slurm_script(tasks, execution_));
    for (const Task& task : tasks) {
      execution_.files.remove(execution_.files.exit(run_of(task.run)));
    }
    std::vector<std::string> words = {"sbatch", "--parsable"};
    words.insert(words.end(), execution_.sbatch_arguments.begin(),
                 execution_.sbatch_arguments.end());
    words.push_back(script.string());
    const ToolResult result = run_tool(words);
    if (result.code == 127) {
      throw Error(ExitCode::kInternal, "cannot start sbatch: is Slurm installed here? The script " +
                                           script.string() + " has been written");
    }
    const std::string output(trimmed(result.output));
    const std::string line = output.substr(output.rfind('\n') + 1);
    const std::string job = line.substr(0, line.find(';'));  // "12;cluster"
    long long number = 0;
    if (result.code != 0 || !parse_integer(job, number)) {
      throw Error(ExitCode::kInternal,
                  "sbatch failed (exit code " + std::to_string(result.code) + "): " + output);
    }
    for (const Task& task : tasks) jobs_[job].insert(run_of(task.run).name);
    execution_.files.write(jobs_path(execution_.files), Json(jobs_).dump(2) + "\n");
    events_.note("submitted job " + job + ", an array of " + std::to_string(tasks.size()) +
                 " runs");
  }

  int wait() {
    constexpr auto kPause = std::chrono::milliseconds(500);
    constexpr auto kPatience = seconds(10);
    auto asked = steady_clock::now() - kPatience;
    bool is_gone = false;
    while (true) {
      gather();
      // The last files of a job may arrive after the news of its end.
      if (pending_.empty() || is_gone) return 0;
      if (steady_clock::now() - asked >= kPatience) {
        is_gone = std::ranges::none_of(jobs_, [](const auto& job) { return is_alive(job.first); });
        asked = steady_clock::now();
      }
      events_.tick();
      const int signal = execution_.signals.wait(kPause);
      if (is_end_signal(signal)) {
        gather();
        for (const auto& [job, runs] : jobs_) {
          events_.note("job " + job + " continues without this program; cancel it with: scancel " +
                       job);
        }
        return signal;
      }
    }
  }

  void gather() {
    for (auto run = pending_.begin(); run != pending_.end();) {
      if (!has_ended(run_of(*run))) {
        ++run;
        continue;
      }
      const std::size_t ended = *run;
      run = pending_.erase(run);
      events_.ended(ended);
    }
  }

  const Execution& execution_;
  const ExecutionEvents& events_;
  const std::vector<Task>& tasks_;
  std::set<std::size_t> pending_;
  Jobs jobs_;
};

}  // namespace

std::string slurm_script(const std::vector<Task>& tasks, const Execution& execution) {
  const int cpus = std::max(1, execution.threads);
  const fs::path logs = current_folder() / execution.files.logs();
  std::string script = "#!/bin/sh\n";
  const auto directive = [&](const std::string& text) {
    // Even if quoted, the line would end there, and the rest would be executed.
    if (has_control_character(text)) {
      throw Error(ExitCode::kUsage, "slurm.sh: " + quote(printable(text)) +
                                        " has a line break or another control character; rename "
                                        "it, or choose another --out-dir");
    }
    script += "#SBATCH " + text + "\n";
  };
  directive("--job-name=" + shell_word(execution.plan.name));
  directive("--array=" + ranges(tasks) +
            (execution.jobs > 0 ? "%" + std::to_string(execution.jobs) : ""));
  directive("--cpus-per-task=" + std::to_string(cpus));
  directive("--output=" + shell_word(without_patterns(logs.string()) + "/slurm-%A_%a.out"));
  directive("--signal=B:TERM@60");
  script +=
      "# Each task of the array trains one run of the sweep. SIGTERM, which Slurm sends before "
      "the\n"
      "# time is up, makes it save a checkpoint, from which snn-sweep resumes.\n";
  script += "cd " + shell_word(current_folder().string()) + " || exit 1\n";
  script += "case $SLURM_ARRAY_TASK_ID in\n";
  for (const Task& task : tasks) {
    std::vector<std::string> command = task.command;
    if (execution.threads == 0) command.insert(command.end(), {"--threads", "1"});
    script += "  " + std::to_string(task.run) +
              ")\n    name=" + shell_word(execution.plan.runs[task.run].name) + "\n    set -- " +
              shell_line(command) + " ;;\n";
  }
  script += "  *) echo \"no run $SLURM_ARRAY_TASK_ID\" >&2; exit 1 ;;\nesac\n";
  script += "logs=" + shell_word(logs.string()) + "\n";
  script += R"sh("$@" </dev/null >>"$logs/$name.log" 2>&1 &
run=$!
trap 'kill -TERM "$run"' TERM
# A signal interrupts wait before the run has ended.
while wait "$run"; code=$?; kill -0 "$run" 2>/dev/null; do :; done
echo "$code" >"$logs/$name.exit.tmp" && mv "$logs/$name.exit.tmp" "$logs/$name.exit"
exit "$code"
)sh";
  return script;
}

int execute_by_slurm(const std::vector<Task>& tasks, const Execution& execution,
                     const ExecutionEvents& events) {
  return SlurmExecutor(tasks, execution, events).run();
}

}  // namespace snn
