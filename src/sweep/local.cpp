#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <list>
#include <set>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "sweep/execute.h"
#include "system/end_signals.h"
#include "text/message.h"
#include "text/shell.h"

namespace snn {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

struct Running {
  std::size_t run;
  pid_t process;
  int threads;
  int slot;
};

struct Ended {
  std::size_t run;
  int code;
};

class LocalExecutor {
 public:
  LocalExecutor(const std::vector<Task>& tasks, const Execution& execution,
                const ExecutionEvents& events)
      : execution_(execution), events_(events), waiting_(tasks.begin(), tasks.end()) {}

  int run() {
    try {
      return run_all();
    } catch (...) {
      for (const Running& running : running_) ::kill(-running.process, SIGTERM);
      throw;
    }
  }

 private:
  int run_all() {
    constexpr auto kPause = milliseconds(200);
    while (true) {
      const std::vector<Ended> ended = gather();
      // Runs are started first: writing files takes time, during which no core should idle.
      if (end_ == 0) start_what_fits();
      for (const Ended& each : ended) announce(each);
      if (running_.empty() && (end_ != 0 || waiting_.empty())) return end_;
      events_.tick();
      const int signal = execution_.signals.wait(kPause);
      if (is_end_signal(signal)) request_end(signal);
    }
  }

  int free_cores() const {
    int cores = execution_.cores;
    for (const Running& running : running_) cores -= running.threads;
    return cores;
  }

  void start_what_fits() {
    for (auto task = waiting_.begin(); task != waiting_.end();) {
      const int slots = std::min(execution_.jobs - static_cast<int>(running_.size()),
                                 static_cast<int>(waiting_.size()));
      if (slots <= 0) return;
      // An earlier sweep may have left such a process behind.
      if (is_locked(execution_.files.run(run_of(*task)))) {
        tell_of_lock(*task);
        ++task;
        continue;
      }
      start(*task, slots);
      task = waiting_.erase(task);
    }
  }

  const PlannedRun& run_of(const Task& task) const { return execution_.plan.runs[task.run]; }

  void tell_of_lock(const Task& task) {
    if (!told_.insert(task.run).second) return;
    events_.note(execution_.files.run(run_of(task)).string() +
                 ": another process is training in it; waiting until it ends");
  }

  void start(const Task& task, int slots) {
    const SweepFiles& files = execution_.files;
    const PlannedRun& run = run_of(task);
    const bool has_template = !execution_.shell_template.empty();
    const int slot = free_slot();
    int threads = execution_.threads;
    std::vector<std::string> command = task.command;
    if (has_template) {
      command = {"/bin/sh", "-c",
                 filled_template(execution_.shell_template, task, slot, execution_)};
    } else if (threads == 0) {
      threads = share_of(free_cores(), slots);
      command.insert(command.end(), {"--threads", std::to_string(threads)});
    }
    files.remove(files.exit(run));
    running_.push_back({task.run, start_process(command, files.log(run)), threads, slot});
    events_.started(task.run, threads);
  }

  int free_slot() const {
    int slot = 1;
    const auto is_taken = [&](const Running& running) { return running.slot == slot; };
    while (std::any_of(running_.begin(), running_.end(), is_taken)) ++slot;
    return slot;
  }

  std::vector<Ended> gather() {
    std::vector<Ended> ended;
    for (auto running = running_.begin(); running != running_.end();) {
      const auto code = exit_code_of(running->process);
      if (code) ended.push_back({running->run, *code});
      running = code ? running_.erase(running) : std::next(running);
    }
    return ended;
  }

  void announce(const Ended& ended) {
    const PlannedRun& run = execution_.plan.runs[ended.run];
    try {
      execution_.files.write(execution_.files.exit(run), std::to_string(ended.code) + "\n");
    } catch (const Error& error) {
      execution_.files.check();
      // The run's own files are more informative than its exit code.
      if (!std::exchange(told_of_disk_, true)) {
        events_.warning(std::string(error.what()) + "; the runs continue");
      }
    }
    events_.ended(ended.run);
  }

  void request_end(int signal) {
    const bool is_second = end_ != 0;
    if (is_second && !ends_at_once(signal)) return;
    for (const Running& running : running_) {
      ::kill(-running.process, is_second ? SIGKILL : signal);
    }
    if (is_second) std::_Exit(128 + signal);
    end_ = signal;
    if (!running_.empty()) events_.note("stopping: each run writes a checkpoint first");
  }

  const Execution& execution_;
  const ExecutionEvents& events_;
  std::list<Task> waiting_;
  std::list<Running> running_;
  std::set<std::size_t> told_;
  bool told_of_disk_ = false;
  int end_ = 0;
};

constexpr const char* kPlaceholders[] = {"command", "quoted", "name", "index", "slot", "log"};

// Replaces each {word} of lower-case letters by the result of `replace`.
template <class Replace>
std::string with_placeholders(const std::string& text, Replace replace) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (text[i] == '{' && end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const bool is_placeholder = text[i] == '{' && end > i + 1 && end < text.size() &&
                                text[end] == '}' && (i == 0 || text[i - 1] != '$');
    result += is_placeholder ? replace(text.substr(i + 1, end - i - 1)) : text.substr(i, 1);
    i = is_placeholder ? end + 1 : i + 1;
  }
  return result;
}

}  // namespace

int share_of(int cores, int slots) { return std::max(1, (cores + slots - 1) / std::max(1, slots)); }

int execute_locally(const std::vector<Task>& tasks, const Execution& execution,
                    const ExecutionEvents& events) {
  return LocalExecutor(tasks, execution, events).run();
}

std::string filled_template(const std::string& shell_template, const Task& task, int slot,
                            const Execution& execution) {
  const PlannedRun& run = execution.plan.runs[task.run];
  const std::string command = shell_line(task.command);
  return with_placeholders(shell_template, [&](const std::string& name) {
    if (name == "command") return command;
    if (name == "quoted") {
      return shell_word("cd " + shell_word(current_folder().string()) + " && exec " + command);
    }
    if (name == "name") return run.name;
    if (name == "index") return std::to_string(task.run);
    if (name == "slot") return std::to_string(slot);
    return shell_word(execution.files.log(run).string());
  });
}

std::string template_problem(const std::string& shell_template) {
  const std::vector<std::string> known(std::begin(kPlaceholders), std::end(kPlaceholders));
  bool has_command = false;
  std::string problem;
  with_placeholders(shell_template, [&](const std::string& name) {
    has_command |= name == "command" || name == "quoted";
    if (problem.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      problem = "unknown placeholder {" + name + "}" + did_you_mean(name, known) + "; expected {" +
                join(known, "}, {") + "}";
    }
    return name;
  });
  if (problem.empty() && !has_command) return "expected {command} or {quoted} in it, found neither";
  return problem;
}

}  // namespace snn
