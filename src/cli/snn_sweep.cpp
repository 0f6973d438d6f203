// snn-sweep: trains a network with many settings, each run an ordinary snn-train process.

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/command_line.h"
#include "cli/layer_values.h"
#include "cli/layout.h"
#include "cli/machine.h"
#include "cli/sweep_data.h"
#include "cli/sweep_table.h"
#include "cli/terminal.h"
#include "report/sweep_report.h"
#include "snn/text/error.h"
#include "snn/text/range.h"
#include "snn/text/text.h"
#include "snn/train/option.h"
#include "snn/train/settings.h"
#include "sweep/sweep.h"
#include "system/files.h"
#include "system/installation.h"
#include "system/invocation.h"
#include "text/message.h"
#include "text/shell.h"

namespace snn {

enum class ExecutorKind { kLocal, kSlurm, kCommand };
template <>
struct Names<ExecutorKind> {
  static constexpr std::pair<ExecutorKind, std::string_view> table[] = {
      {ExecutorKind::kLocal, "local"},
      {ExecutorKind::kSlurm, "slurm"},
      {ExecutorKind::kCommand, "command"}};
};

}  // namespace snn

namespace snn::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "snn-sweep";

// Options that the sweep sets for each run, or for which it has its own flag.
const std::vector<std::string>& own_options() {
  static const std::vector<std::string> names = {"out-dir", "run-name", "resume",
                                                 "quiet",   "progress", "json"};
  return names;
}

bool is_own(const Option& option) {
  return std::ranges::find(own_options(), option.name) != own_options().end();
}

// Here, -j is short for --jobs.
const Option& threads_option() {
  static const Option threads = [] {
    Option option = option_of(&Config::threads);
    option.short_name = '\0';
    option.help = "CPU threads per run; 0: an equal share of the cores";
    return option;
  }();
  return threads;
}

Program program() {
  Program program;
  program.name = kName;
  program.summary =
      "Trains every setting of a sweep, several runs at once, and ranks them. Re-running the "
      "same command resumes unfinished runs.";
  program.positional = "[SWEEP.yaml]";
  program.positional_help =
      "Definition of the sweep; without it, --set or --seeds define the sweep";
  for (const Option& option : options()) {
    if (is_own(option)) continue;
    program.options.push_back(&option == &option_of(&Config::threads) ? &threads_option()
                                                                      : &option);
  }
  program.actions = {
      {"set", "NAME=VALUE,...", "Sweep an option over values (repeatable); [800,400] is one value"},
      {"seeds", "N|A,B,...", "Train each setting with the seeds 1 to N, or with the seeds listed"},
      {"config", "FILE", "Read options common to all runs from a YAML file"},
      {"jobs", "N", "Runs to train at once [as many as cores or runs]", {}, 'j'},
      {"out-dir", "DIR", "Folder of the sweep [sweeps/NAME]"},
      {"executor",
       "local|slurm|command",
       "How to execute the runs [local]",
       {"local", "slurm", "command"}},
      {"command", "TEMPLATE",
       "Shell command that executes a run, for --executor command: 'ssh node{slot} {quoted}'"},
      {"sbatch-args", "ARGS",
       "Additional arguments for sbatch, such as --sbatch-args='--time=60 --mem=2G' (repeatable)"},
      {"no-wait", "", "Submit the Slurm job, collect finished results and exit"},
      {"snn-train", "PATH", "Path of snn-train [beside snn-sweep, else on the PATH]"},
      {"dry-run", "", "List the runs and their status, and exit"},
      {"quiet", "", "Print only results and errors", {}, 'q'},
      {"json", "", "Print only the results, as one JSON object"}};
  program.footer =
      "Examples:\n"
      "  snn-sweep --set beta=0.5,0.7,0.9 --set hidden=200,500,[800,400] --seeds 3\n"
      "  snn-sweep configs/sweep.yaml --jobs 4 --epochs 10\n"
      "  snn-sweep configs/sweep.yaml --dry-run\n"
      "  snn-sweep configs/sweep.yaml --executor slurm --sbatch-args=--time=60\n"
      "  snn-sweep configs/sweep.yaml --jobs 4 --command 'ssh node{slot} {quoted}'\n"
      "\n"
      "Exit status: 0 all runs done, 1 some failed, or internal error or full\n"
      "disk, 2 wrong options, 3 data missing or damaged, 128 + N interrupted by\n"
      "signal N; re-run the same command to resume.\n";
  return program;
}

// The request of the command line, fully checked.
struct Request {
  Plan plan;
  Config base;  // options common to all runs
  fs::path folder;
  ExecutorKind executor = ExecutorKind::kLocal;
  int jobs = 0;  // 0: not given
  std::string shell_template;
  std::vector<std::string> sbatch_arguments;
  bool waits = true;
  fs::path snn_train;
};

void read_jobs(const CommandLine& line, Request& request, std::vector<std::string>& problems) {
  if (!line.has("jobs")) return;
  std::int64_t jobs = 0;
  const std::string problem = read_number(line.get("jobs"), Range::between(1, 100'000), jobs);
  if (!problem.empty()) problems.push_back("--jobs: " + problem);
  request.jobs = static_cast<int>(jobs);
}

void read_executor(const CommandLine& line, Request& request, std::vector<std::string>& problems) {
  const std::vector<std::string> names = all_names<ExecutorKind>();
  const std::string name = line.has("executor")  ? line.get("executor")
                           : line.has("command") ? "command"
                                                 : "local";
  const auto known = from_name<ExecutorKind>(name);
  if (!known) {
    problems.push_back("--executor: expected " + one_of(names) + ", found " + quote(name) +
                       did_you_mean(name, names));
    return;
  }
  request.executor = *known;
  request.shell_template = line.get("command");
  if (request.executor == ExecutorKind::kCommand) {
    const std::string problem = template_problem(request.shell_template);
    if (!problem.empty()) problems.push_back("--command: " + problem);
  } else if (line.has("command")) {
    problems.push_back("--command: only valid with --executor command, the executor is " + name);
  }
  for (const char* flag : {"sbatch-args", "no-wait"}) {
    if (line.has(flag) && request.executor != ExecutorKind::kSlurm) {
      problems.push_back(std::string("--") + flag +
                         ": only valid with --executor slurm, the executor is " + name);
    }
  }
  for (const std::string& arguments : line.all("sbatch-args")) {
    for (const std::string& word : split(arguments, ' ')) {
      if (!word.empty()) request.sbatch_arguments.push_back(word);
    }
  }
  request.waits = !line.has("no-wait");
}

// An option file may contain options that the sweep decides, if they have their default values.
void drop_own_options(Settings& settings) {
  for (const std::string& name : own_options()) {
    const auto given = settings.origin.find(name);
    if (given == settings.origin.end()) continue;
    const Option& option = *find_option(name);
    if (option.format(settings.config) != option.format(Config{})) {
      settings.problems.push_back(given->second + ": " + name +
                                  ": not valid in a sweep, which sets it for each run");
    }
    settings.origin.erase(given);
    option.parse(settings.config, option.format(Config{}));
  }
}

// sweeps/beta-hidden of --set beta=… --set hidden=…, so that re-running the command finds it.
std::string name_of(const Definition& definition, const std::string& file) {
  if (!definition.name.empty() && file.empty()) return definition.name;
  if (!file.empty() && file != "-") return fs::path(file).stem().string();
  std::vector<std::string> names;
  for (const Grid& grid : definition.grids) {
    for (const SweptOption& parameter : grid) {
      const std::string& name = parameter.option->name;
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names.empty() ? "seeds" : join(names, "-");
}

Definition read_definition(const CommandLine& line) {
  Definition definition;
  if (line.has("config")) {
    const std::string file = line.get("config");
    apply_yaml(read_text(file), file == "-" ? "standard input" : file, definition.base);
    definition.base_origin = definition.base.origin;
  }
  if (!line.positional.empty()) {
    const std::string& file = line.positional;
    apply_sweep_yaml(read_text(file), file == "-" ? "standard input" : file, definition);
  }
  drop_own_options(definition.base);
  apply_flags(line, definition.base);
  for (const std::string& text : line.all("set")) apply_set(text, definition);
  if (line.has("seeds")) apply_seeds(line.get("seeds"), definition);
  const bool is_quiet = line.has("quiet") || line.has("json");
  for (const std::string& note : definition.notes) {
    if (!is_quiet) std::cerr << "note: " << line.positional << ": " << note << '\n';
  }
  return definition;
}

fs::path train_program(const CommandLine& line) {
  constexpr const char* kTrain = "snn-train";
  if (line.has("snn-train")) {
    const fs::path path = line.get("snn-train");
    if (is_program(path)) return current_folder() / path;
    throw Error(ExitCode::kUsage,
                path.string() + ": not a program; give the path of snn-train with --snn-train");
  }
  const char* search_path = std::getenv("PATH");
  const fs::path path =
      find_program(kTrain, program_folder(), search_path == nullptr ? "" : search_path);
  if (!path.empty()) return current_folder() / path;
  throw Error(ExitCode::kUsage,
              std::string(kTrain) + ": neither in " + program_folder().string() +
                  ", beside this program, nor on the PATH; give its path with --snn-train");
}

Request read_request(const CommandLine& line) {
  Request request;
  Definition definition = read_definition(line);
  auto& problems = definition.problems();
  read_jobs(line, request, problems);
  read_executor(line, request, problems);
  if (line.has("out-dir") && line.get("out-dir").empty()) {
    problems.push_back("--out-dir: expected DIR, found nothing");
  }
  const std::string name = name_of(definition, line.positional);
  request.folder = line.has("out-dir") ? fs::path(line.get("out-dir")) : fs::path("sweeps") / name;
  if (definition.name.empty()) definition.name = name;
  const Decision kept = keep_decision(SweepFiles(request.folder), definition.base);
  request.plan = make_plan(definition);
  request.plan.default_decision = kept;
  request.base = definition.base.config;
  const bool halves = request.plan.method == Method::kSuccessiveHalving;
  if (halves && !request.waits) {
    throw Error(ExitCode::kUsage, "--no-wait: successive halving must wait for each of its rungs");
  }
  request.snn_train = train_program(line);
  return request;
}

Execution execution_of(const Request& request, const SweepFiles& files, const Signals& signals,
                       Terminal& terminal) {
  Execution execution{request.plan, files, signals};
  execution.cores = available_cores();
  execution.threads = static_cast<int>(request.base.threads);
  // An explicit number of threads takes precedence over a share of the cores.
  if (execution.threads == 0) execution.threads = threads_of_environment().value_or(0);
  execution.shell_template = request.shell_template;
  execution.sbatch_arguments = request.sbatch_arguments;
  execution.waits = request.waits;
  execution.jobs = request.jobs;
  if (request.executor == ExecutorKind::kSlurm) return execution;
  const int runs = static_cast<int>(request.plan.runs.size());
  const int fit = std::max(1, execution.cores / std::max(1, execution.threads));
  if (execution.jobs == 0) execution.jobs = std::min(fit, runs);
  if (request.executor == ExecutorKind::kLocal && execution.jobs > fit) {
    terminal.print(fmt::format(
        "--jobs {}: limited to {}, because this machine has {} core{}{}", execution.jobs, fit,
        execution.cores, execution.cores == 1 ? "" : "s",
        execution.threads > 1 ? fmt::format(" and each run uses {} threads", execution.threads)
                              : ""));
    execution.jobs = fit;
  }
  return execution;
}

Json results_to_json(const Sweep& sweep, const std::vector<Ranked>& ranking, int signal) {
  const Plan& plan = sweep.plan();
  Json json;
  json["name"] = plan.name;
  json["directory"] = sweep.files().folder().string();
  json["interrupted"] = signal != 0;
  json["runs"]["all"] = plan.runs.size();
  for (const auto& [status, name] : Names<Status>::table) {
    json["runs"][std::string(name)] = sweep.count(status);
  }
  json["metric"] = {{"name", plan.metric}, {"goal", snn::name_of(plan.goal)}};
  json["ranking"] = Json::array();
  for (const Ranked& ranked : ranking) {
    const PlannedRun& run = plan.runs[ranked.setting * plan.seeds];
    Json values = Json::object();
    for (std::size_t i = 0; i < plan.parameters.size(); ++i) {
      values[plan.parameters[i]] = run.values[i];
    }
    json["ranking"].push_back({{"values", values},
                               {"seeds", ranked.seeds},
                               {"mean", ranked.mean},
                               {"sd", ranked.sd ? Json(*ranked.sd) : Json()},
                               {"failed", ranked.failed}});
  }
  json["failed"] = Json::array();
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    const RunResult& result = sweep.results()[i];
    if (result.status != Status::kFailed) continue;
    json["failed"].push_back({{"run", plan.runs[i].name},
                              {"exit_code", result.exit_code.value_or(0)},
                              {"error", result.error}});
  }
  json["best"] = ranking.empty() ? Json() : Json(sweep.files().best().string());
  return json;
}

// A failed picture is not an error: the tables have all the data.
bool write_report(const Sweep& sweep, Terminal& terminal) {
  sweep.files().check();
  const std::string folder = sweep.files().folder().string();
  try {
    report::write_sweep_report(folder);
    return true;
  } catch (const std::exception& error) {
    terminal.print(terminal.yellow("warning: ") +
                   fmt::format("could not write the report: {}; try: {} {}", error.what(),
                               program_word("snn-report"), path_word(folder)));
    return false;
  }
}

void print_results(const Sweep& sweep, const std::vector<Ranked>& ranking, bool has_report) {
  constexpr std::size_t kMost = 30;
  if (ranking.empty()) return;
  std::cout << ranking_table(sweep.plan(), ranking, kMost, columns_of(STDOUT_FILENO));
  if (sweep.unwritten().empty()) {
    std::cout << fmt::format("best setting  {}\n", sweep.files().best().string());
    std::cout << fmt::format("all runs      {}\n", sweep.files().table().string());
  }
  if (has_report) {
    std::cout << fmt::format("report        {}\n",
                             (sweep.files().folder() / "report.html").string());
  }
}

void list_failures(const Sweep& sweep, Terminal& terminal) {
  const auto& runs = sweep.plan().runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunResult& result = sweep.results()[i];
    if (result.status != Status::kFailed) continue;
    terminal.print(terminal.red("failed: ") + fmt::format("{} (exit code {}): {}", runs[i].name,
                                                          result.exit_code.value_or(0),
                                                          result.error));
  }
}

// True if a run failed that may succeed when repeated; divergence is a result.
bool tries_again(const Sweep& sweep) {
  for (std::size_t i = 0; i < sweep.plan().runs.size(); ++i) {
    if (sweep.results()[i].status == Status::kFailed && !sweep.is_final(i)) return true;
  }
  return false;
}

// Prints a line if the sweep is not complete, and returns the exit code.
int conclude(const Sweep& sweep, int signal, bool waited, Terminal& terminal) {
  const std::size_t all = sweep.plan().runs.size();
  const std::size_t failed = sweep.count(Status::kFailed);
  const std::size_t open = sweep.count(Status::kPending) + sweep.count(Status::kInterrupted);
  list_failures(sweep, terminal);
  if (signal != 0) {
    terminal.print(fmt::format(
        "interrupted with {} of {} runs unfinished; re-run the same command to resume", open, all));
    return 128 + signal;
  }
  if (open > 0) {
    terminal.print(fmt::format("{} of {} runs are unfinished; re-run the same command to {}", open,
                               all, waited ? "retry them" : "collect them"));
  }
  if (failed > 0) {
    terminal.print(fmt::format("{} of {} runs failed; their logs are in {}", failed, all,
                               sweep.files().logs().string()));
  }
  if (tries_again(sweep)) {
    terminal.print(
        fmt::format("re-run the same command to retry the failed runs; remove a run's folder in {} "
                    "to restart it from epoch 1",
                    sweep.files().runs().string()));
  }
  if (!sweep.unwritten().empty()) {
    terminal.print(terminal.red("error: ") + sweep.unwritten() +
                   "; re-run the same command to rewrite the tables");
    return 1;
  }
  return failed > 0 || (open > 0 && waited) ? 1 : 0;
}

int list_runs(const Sweep& sweep, const Config& base) {
  const Plan& plan = sweep.plan();
  const std::string layers = layer_values(base);
  if (!layers.empty()) std::cout << "each run: " << layers << '\n';
  std::size_t done = 0, width = 0;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    if (sweep.is_final(i)) ++done;
    width = std::max(width, plan.runs[i].name.size());
  }
  std::cout << fmt::format("{} runs in {}, {} done ({}, {} {})\n", plan.runs.size(),
                           sweep.files().folder().string(), done, snn::name_of(plan.method),
                           snn::name_of(plan.goal), plan.metric);
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    std::cout << fmt::format("{:<11}  {:<{}}  {}\n", snn::name_of(sweep.results()[i].status),
                             plan.runs[i].name, width, shell_line(sweep.command(i)));
  }
  return 0;
}

int execute(const CommandLine& line, const Request& request, SweepFiles& files,
            Terminal& terminal) {
  const bool is_quiet = line.has("quiet") || line.has("json");
  const std::string program = request.snn_train.string();
  check_sweep(request.plan, files);
  if (request.executor == ExecutorKind::kLocal) check_data(Sweep(request.plan, files, program));
  open_sweep(request.plan, files);
  if (!files.warning().empty()) terminal.print(terminal.yellow("warning: ") + files.warning());
  Sweep sweep(request.plan, files, program);
  const Signals signals;
  const Execution execution = execution_of(request, files, signals, terminal);
  if (!is_quiet) {
    const std::string layers = layer_values(request.base);
    if (!layers.empty()) terminal.print("each run: " + layers);
    std::size_t done = 0;
    for (std::size_t i = 0; i < request.plan.runs.size(); ++i) done += sweep.is_final(i) ? 1 : 0;
    terminal.print(fmt::format("{}, {} runs in {}{}", terminal.bold(version_text(kName)),
                               request.plan.runs.size(), files.folder().string(),
                               done > 0 ? fmt::format(", {} of them done", done) : ""));
  }
  SweepTable table(sweep, terminal, is_quiet);
  const auto executor =
      request.executor == ExecutorKind::kSlurm ? execute_by_slurm : execute_locally;
  const int signal = sweep.run(
      [&](const std::vector<Task>& tasks, const ExecutionEvents& events) {
        return tasks.empty() ? 0 : executor(tasks, execution, events);
      },
      table.events());
  terminal.set_foot("");

  const std::vector<Ranked> ranking = rank(request.plan, sweep.results());
  const bool has_report = request.base.report && write_report(sweep, terminal);
  if (line.has("json")) {
    std::cout << dump_json(results_to_json(sweep, ranking, signal), 2) << '\n';
  } else {
    print_results(sweep, ranking, has_report);
  }
  return conclude(sweep, signal, request.waits, terminal);
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, version_text(kName), line)) return 0;
  const Request request = read_request(line);
  SweepFiles files(request.folder);
  if (line.has("dry-run")) {
    check_sweep(request.plan, files);
    if (request.executor == ExecutorKind::kLocal) check_present_data(request.plan);
    return list_runs(Sweep(request.plan, files, request.snn_train.string()), request.base);
  }
  Terminal terminal;
  return execute(line, request, files, terminal);
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "reduce the sweep with run_cap",
                               [&] { return snn::cli::run(argc, argv); });
}
