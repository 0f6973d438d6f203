// snn-train: trains a network and leaves a run directory.

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command_line.h"
#include "cli/epoch_table.h"
#include "cli/machine.h"
#include "cli/score_text.h"
#include "cli/terminal.h"
#include "message.h"
#include "report/run_report.h"
#include "snn/engine.h"
#include "snn/error.h"
#include "snn/text.h"
#include "snn/train/options.h"
#include "snn/train/predictions.h"
#include "snn/train/run_directory.h"
#include "snn/train/summary.h"
#include "snn/train/trainer.h"
#include "train/files.h"
#include "version.h"

namespace snn::cli {
namespace {

constexpr const char* kName = "snn-train";

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Trains a spiking neural network and leaves it in a run directory.";
  for (const Option& option : options()) program.options.push_back(&option);
  program.actions = {{"config", "FILE", "Read options from a YAML file; - for standard input"},
                     {"print-config", "", "Print the merged options as YAML, and end"},
                     {"dry-run", "", "Build everything, try a few batches, write nothing"}};
  program.footer =
      "Examples:\n"
      "  snn-train --beta 0.9 --hidden 800,400 --lr-schedule cosine\n"
      "  snn-train --config configs/study.yaml --seed 2\n"
      "  snn-train --resume auto\n"
      "\n"
      "Exit status: 0 done, 1 internal error or full disk, 2 wrong options, 3 data missing or\n"
      "damaged, 4 diverged, 5 checkpoint unusable, 130/143 interrupted with a checkpoint left.\n";
  return program;
}

// The signal that asked for an end, 0 if none did.
volatile std::sig_atomic_t requested_end = 0;

extern "C" void request_end(int signal) {
  // The second time it is meant at once; the checkpoint of the last epoch is there.
  if (requested_end != 0) _exit(128 + signal);
  requested_end = signal;
}

void handle_signals() {
  for (const int signal : {SIGINT, SIGTERM}) {
    // A shell starts a program in the background with SIGINT ignored: it is not meant for it.
    if (std::signal(signal, request_end) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

void apply_user(const CommandLine& line, const std::optional<std::string>& yaml,
                Settings& settings) {
  if (yaml) {
    const std::string file = line.get("config");
    apply_yaml(*yaml, file == "-" ? "standard input" : file, settings);
  }
  apply_flags(line, settings);
}

// What a run starts from.
struct Start {
  Config config;
  std::optional<Checkpoint> checkpoint;  // goes on from this one
  std::optional<RunDirectory> run;       // in this directory
  std::string note;                      // what the user should know of the choice
};

// The run that --resume auto goes on with: the one that is named, else the newest.
std::optional<RunDirectory> open_auto(const Config& config) {
  if (config.run_name.empty()) return RunDirectory::open_unfinished(config.out_dir);
  const auto named = std::filesystem::path(config.out_dir) / config.run_name;
  if (!is_run(named)) return std::nullopt;
  return RunDirectory::open(named);
}

// Opens the run of a checkpoint that was named; a checkpoint by itself has none.
std::optional<RunDirectory> open_run_of(const std::filesystem::path& checkpoint,
                                        const Config& config) {
  const auto path = run_of_checkpoint(checkpoint);
  if (!path) return std::nullopt;
  RunDirectory run = RunDirectory::open(*path);
  const auto name = std::filesystem::canonical(run.path()).filename();
  if (!config.run_name.empty() && name != config.run_name) {
    throw Error(ExitCode::kUsage, "run-name: " + config.run_name +
                                      " is not the run that goes on, " + run.path().string() +
                                      "; leave one of the two out");
  }
  return run;
}

// Finds the checkpoint that --resume means; none for `auto` with nothing to go on with. Its run is
// opened, hence locked, before it is read: no other process can take it further meanwhile.
void find_start(const Config& config, Start& start) {
  if (config.resume.empty()) return;
  std::filesystem::path path;
  if (config.resume == "auto") {
    start.run = open_auto(config);
    if (!start.run) {
      const std::string name = config.run_name.empty() ? "unfinished run" : config.run_name;
      start.note = "no " + name + " in " + config.out_dir + ": starting a new one";
      return;
    }
    path = start.run->last();
  } else {
    path = find_checkpoint(config.resume, /*reported=*/false);
    start.run = open_run_of(path, config);
    if (start.run) path = start.run->last().parent_path() / path.filename();
  }
  start.checkpoint = load_checkpoint(path);
  start.note =
      fmt::format("resuming {} after epoch {}{}", path.string(), start.checkpoint->progress.epoch,
                  start.checkpoint->progress.batch > 0
                      ? fmt::format(", batch {}", start.checkpoint->progress.batch)
                      : "");
  if (!start.run) start.note += ", in a new run directory";
}

// Only epochs may differ from the checkpoint, and only where no schedule was planned for them.
void check_resumed(const Config& before, Settings& settings) {
  for (const Option& option : options()) {
    if (option.scope != Scope::kResult) continue;
    const std::string was = option.format(before), is = option.format(settings.config);
    if (was == is) continue;
    if (option.name == "epochs" && before.lr_schedule.kind == ScheduleKind::kNone) continue;
    const std::string why = option.name == "epochs"
                                ? "; lr-schedule was planned for those and cannot change"
                                : "; a resumed run keeps it";
    settings.problems.push_back(settings.origin[option.name] + ": " + option.name + " is " + is +
                                ", but the checkpoint's is " + was + why);
  }
}

Start merge(const CommandLine& line) {
  std::optional<std::string> yaml;
  if (line.has("config")) yaml = read_text(line.get("config"));

  Settings settings;
  apply_user(line, yaml, settings);
  throw_if_wrong(settings);
  Start start;
  find_start(settings.config, start);
  if (start.checkpoint) {
    settings = {};
    settings.config = start.checkpoint->config;
    for (const Option& option : options()) {
      if (option.scope == Scope::kResult) settings.origin[option.name] = kCheckpointOrigin;
    }
    apply_user(line, yaml, settings);
    check_resumed(start.checkpoint->config, settings);
  }
  check_together(settings);
  throw_if_wrong(settings);
  start.config = settings.config;
  return start;
}

// Everything that a run is made of, built and checked, before anything is written.
struct Setup {
  Start start;
  TrainingData data;
  NetworkSpec network;
  EngineOptions engine_options;
  std::unique_ptr<Engine> engine;

  const Config& config() const { return start.config; }
};

Setup build(Start start) {
  Setup setup;
  setup.start = std::move(start);
  const Config& config = setup.config();
  const std::string device = resolve_device(config.device);
  setup.data = load_training_data(config);
  const Dataset& train = setup.data.train;
  setup.network = network_spec(config, train.shape, train.classes);
  EngineOptions& options = setup.engine_options;
  options.network = setup.network;
  options.steps = config.steps;
  options.loss = config.loss;
  options.decision = config.decision;
  options.optimizer = {config.optimizer, config.momentum, config.weight_decay,
                       config.clip_grad_norm};
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.device = device;
  options.threads = config.threads > 0 ? static_cast<int>(config.threads) : available_cores();
  options.simd = config.simd;
  setup.engine = make_engine(config.engine, options);
  if (setup.start.checkpoint) restore(*setup.engine, *setup.start.checkpoint, setup.data);
  return setup;
}

RunFacts facts(const Setup& setup, const std::string& outcome = "") {
  return {outcome,
          SNN_VERSION,
          libtorch_version(),
          setup.engine_options.device,
          setup.engine_options.threads,
          setup.engine->name(),
          describe(setup.network),
          parameter_count(setup.network),
          peak_memory_mb()};
}

bool knows_no_time(const NetworkSpec& network) {
  return std::ranges::none_of(network.layers,
                              [](const LayerSpec& layer) { return has_spikes(layer.neuron); });
}

void log_banner(const Setup& setup, const Terminal& terminal, spdlog::logger& log) {
  const Config& config = setup.config();
  const RunFacts fact = facts(setup);
  const auto& data = setup.data;
  log.info("{} {}", terminal.bold(version_text(kName, fact.libtorch)),
           terminal.dim(fmt::format("on {}, {} thread{}, engine {}", fact.device, fact.threads,
                                    fact.threads == 1 ? "" : "s", fact.engine)));
  log.info("network  {}, {} parameters, T = {}, loss {}", fact.network,
           format_count(fact.parameters), config.steps, name_of(config.loss.kind));
  log.info("data     {} in {}: {} training, {}{} test images{}", name_of(config.dataset),
           data.train.directory.string(),
           format_count(static_cast<std::int64_t>(data.train_indices.size())),
           data.validation_indices.empty()
               ? ""
               : format_count(static_cast<std::int64_t>(data.validation_indices.size())) +
                     " validation, ",
           format_count(static_cast<std::int64_t>(data.test_indices.size())),
           data.train.is_known && data.test.is_known ? "" : " (not the published files)");
  const std::string why = why_not_fused(setup.engine_options);
  if (config.engine == EngineKind::kAuto && fact.device == "cpu" && !why.empty()) {
    log.info("engine   reference, not fused: {}", why);
  }
  if (knows_no_time(setup.network) && config.steps > 1) {
    log.info("steps    these neurons know no time and say the same {} times; -T 1 is enough",
             config.steps);
  }
  if (!setup.start.note.empty()) log.info("{}", setup.start.note);
}

// A few batches, to see that all is well and how fast it goes.
int dry_run(Setup& setup) {
  constexpr std::size_t kBatches = 5;
  const Config& config = setup.config();
  const auto& indices = setup.data.train_indices;
  Batch batch;
  BatchResult result;
  double seconds = 0;
  std::size_t batches = 0, images = 0;
  for (std::size_t first = 0; first < indices.size() && batches < kBatches; ++batches) {
    const auto count =
        std::min(static_cast<std::size_t>(config.batch_size), indices.size() - first);
    gather(setup.data.train, std::span(indices).subspan(first, count), batch);
    const auto start = std::chrono::steady_clock::now();
    result = setup.engine->train_batch(batch, config.lr);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    first += count;
    images += count;
  }
  const double rate = static_cast<double>(images) / seconds;
  const double epoch_seconds = static_cast<double>(indices.size()) / rate;
  const auto run = setup.start.run ? setup.start.run->path()
                                   : RunDirectory::next_path(config.out_dir, config.run_name,
                                                             std::string(name_of(config.dataset)));
  if (config.json) {
    std::cout << nlohmann::ordered_json({{"batches", batches},
                                         {"loss", result.loss},
                                         {"images_per_second", rate},
                                         {"epoch_seconds", epoch_seconds},
                                         {"run", run.string()}})
                     .dump(2)
              << '\n';
    return 0;
  }
  std::cout << fmt::format(
      "dry run: {} batches, loss {:.4g}, {} images/s, about {} an epoch; would write {}\n", batches,
      result.loss, format_count(static_cast<std::int64_t>(rate)), format_duration(epoch_seconds),
      run.string());
  return 0;
}

RunDirectory open_run(Setup& setup) {
  const Config& config = setup.config();
  if (setup.start.run) return std::move(*setup.start.run);
  return RunDirectory::create(config.out_dir, config.run_name,
                              std::string(name_of(config.dataset)));
}

// Given back, this file repeats the run: in a directory of its own.
void write_config(const RunDirectory& run, Config config) {
  config.run_name.clear();
  config.resume.clear();
  write_file(run.config(), to_yaml(config));
}

Observer observe(const Setup& setup, EpochTable& table, Terminal& terminal, spdlog::logger& log) {
  Observer observer;
  const bool shows_bar =
      terminal.is_interactive() && setup.config().progress && !setup.config().quiet;
  if (shows_bar) {
    using Clock = std::chrono::steady_clock;
    observer.batch = [&, drawn = Clock::time_point()](const BatchReport& report) mutable {
      // More is not seen, and drawing takes time.
      constexpr auto kPause = std::chrono::milliseconds(50);
      if (Clock::now() - drawn < kPause && report.batch < report.batches) return;
      drawn = Clock::now();
      terminal.set_foot(table.progress_line(report, terminal.columns()));
    };
  }
  observer.epoch = [&](const EpochReport& report) {
    terminal.set_foot("");
    for (const std::string& line : table.lines(report)) log.info("{}", line);
    for (const std::string& warning : table.warnings(report.row)) log.warn("{}", warning);
  };
  observer.warning = [&](const std::string& text) { log.warn("{}", text); };
  observer.stop_requested = [] { return requested_end != 0; };
  return observer;
}

int report_interruption(const RunDirectory& run, const Trainer& trainer, spdlog::logger& log) {
  const Progress& progress = trainer.progress();
  // The configuration file has the options that no checkpoint keeps.
  log.warn("interrupted in epoch {} after batch {}; go on with: {} --config {} --resume {}",
           progress.epoch + 1, progress.batch, kName, run.config().string(), run.path().string());
  return 128 + static_cast<int>(requested_end);
}

void print_results(const Setup& setup, const RunDirectory& run, const Trainer& trainer) {
  const Config& config = setup.config();
  const MetricsRow* row = reported_row(config, trainer.progress(), trainer.rows());
  const auto percent = [](const std::optional<double>& share) {
    return share ? format_percent(*share) : std::string("unknown");
  };
  std::cout << fmt::format("test accuracy  {} (epoch {})\n", percent(row->test.accuracy),
                           row->epoch);
  if (const std::string ties = ties_text(row->test); !ties.empty()) {
    std::cout << fmt::format("by count       {} (ties: {})\n", percent(row->test.count_accuracy),
                             ties);
  }
  if (trainer.rows().front().epoch == 0) {
    std::cout << fmt::format("untrained      {}\n", percent(trainer.rows().front().test.accuracy));
  }
  std::cout << fmt::format("checkpoint     {}\n",
                           (run.path() / reported_checkpoint(config, trainer.progress())).string());
  std::error_code ignored;
  if (std::filesystem::exists(run.report(), ignored)) {
    std::cout << fmt::format("report         {}\n", run.report().string());
  }
}

// Whether its summary, the sign of a finished run, is there; one that is damaged is made anew.
bool has_summary(const RunDirectory& run) {
  std::error_code ignored;
  if (!std::filesystem::exists(run.summary(), ignored)) return false;
  const std::string text = read_file(run.summary(), ExitCode::kCheckpoint);
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false).is_object();
}

void resume(const Setup& setup, const RunDirectory& run, Trainer& trainer) {
  trainer.resume(*setup.start.checkpoint);
  if (!trainer.is_finished() || !has_summary(run)) return;
  const std::int64_t done = trainer.progress().epoch;
  const bool lost_patience = done < setup.config().epochs;
  throw Error(ExitCode::kUsage,
              fmt::format("{}: {}", run.path().string(),
                          lost_patience
                              ? fmt::format("its patience ended it after {} epochs, for good", done)
                              : fmt::format("its {} epochs are done; to go on, give a larger "
                                            "--epochs",
                                            done)));
}

// The network's answers to the test images, by the weights of the reported checkpoint. They are
// worth less than the run: what goes wrong is a warning.
void write_predictions(const Setup& setup, const RunDirectory& run, const Trainer& trainer,
                       spdlog::logger& log) {
  const auto& [train, test, train_indices, validation_indices, test_indices] = setup.data;
  if (test_indices.empty()) return;
  try {
    const MetricsRow* row = reported_row(setup.config(), trainer.progress(), trainer.rows());
    if (row == nullptr || row->epoch != trainer.progress().epoch) {
      const auto path = run.path() / reported_checkpoint(setup.config(), trainer.progress());
      setup.engine->import_state(load_checkpoint(path).state);
    }
    const auto answers =
        evaluate(*setup.engine, test, test_indices, [] { return requested_end != 0; });
    if (!answers) return;
    write_file(run.predictions(),
               predictions_to_csv(predictions_of(*answers, test, test_indices), test.classes));
  } catch (const Error& error) {
    log.warn("no predictions of the test images: {}", error.what());
  }
}

void write_report(const Setup& setup, const RunDirectory& run, spdlog::logger& log) {
  if (!setup.config().report) return;
  try {
    report::write_run_report(run.path(), setup.data.test);
  } catch (const std::exception& error) {
    log.warn("no report: {}; try: snn-report {}", error.what(), run.path().string());
  }
}

// Writes the summary of a run that ended so, and returns it.
std::string summarize(const Setup& setup, const RunDirectory& run, const Trainer& trainer,
                      const std::string& outcome) {
  std::string summary =
      summary_to_json(setup.config(), trainer.progress(), trainer.rows(), facts(setup, outcome));
  write_file(run.summary(), summary);
  return summary;
}

Outcome run_trainer(const Setup& setup, const RunDirectory& run, Trainer& trainer,
                    spdlog::logger& log) {
  try {
    return trainer.run();
  } catch (const Error& error) {
    // Going on would only lead there again.
    if (error.code() == ExitCode::kDiverged) {
      summarize(setup, run, trainer, "diverged");
      write_report(setup, run, log);
    }
    throw;
  }
}

int train(Setup setup, Terminal& terminal, spdlog::logger& log) {
  handle_signals();
  const Config& config = setup.config();
  const RunDirectory run = open_run(setup);
  add_log_file(log, run.log(), config);
  log_banner(setup, terminal, log);
  log.info("run      {}", run.path().string());

  EpochTable table(config, setup.network, terminal);
  Trainer trainer(*setup.engine, setup.data, config, setup.network, run,
                  observe(setup, table, terminal, log));
  if (setup.start.checkpoint) resume(setup, run, trainer);
  // They say how the run ended, and that is no longer so.
  for (const auto& file : {run.summary(), run.predictions(), run.report()}) remove_file(file);
  write_config(run, config);
  const Outcome outcome = run_trainer(setup, run, trainer, log);
  terminal.set_foot("");
  if (outcome == Outcome::kInterrupted) return report_interruption(run, trainer, log);

  // Before the summary, which is the sign of a finished run.
  write_predictions(setup, run, trainer, log);
  const std::string summary = summarize(setup, run, trainer, "finished");
  write_report(setup, run, log);
  if (config.json) {
    std::cout << summary;
  } else {
    print_results(setup, run, trainer);
  }
  return 0;
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, version_text(kName, libtorch_version()), line)) {
    return 0;
  }
  Start start = merge(line);
  if (line.has("print-config")) {
    std::cout << to_yaml(start.config);
    return 0;
  }
  Terminal terminal;
  const auto log = make_logger(terminal, start.config);
  Setup setup = build(std::move(start));
  if (line.has("dry-run")) {
    log_banner(setup, terminal, *log);
    return dry_run(setup);
  }
  return train(std::move(setup), terminal, *log);
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, "try a smaller --batch-size, --steps or --hidden",
                               [&] { return snn::cli::run(argc, argv); });
}
