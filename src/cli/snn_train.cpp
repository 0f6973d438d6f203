// snn-train: trains a network and leaves a run directory.

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command_line.h"
#include "cli/epoch_table.h"
#include "cli/layout.h"
#include "cli/log_file.h"
#include "cli/resume.h"
#include "cli/score_text.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "cli/training_setup.h"
#include "report/run_report.h"
#include "snn/data/loader.h"
#include "snn/engine/device.h"
#include "snn/engine/engine.h"
#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/config_text.h"
#include "snn/train/option.h"
#include "snn/train/predictions.h"
#include "snn/train/run_directory.h"
#include "snn/train/schedule.h"
#include "snn/train/settings.h"
#include "snn/train/summary.h"
#include "snn/train/training_run.h"
#include "system/end_signals.h"
#include "system/files.h"
#include "system/invocation.h"
#include "text/json.h"
#include "text/message.h"
#include "version.h"

namespace snn::cli {
namespace {

constexpr const char* kName = "snn-train";
constexpr const char* kMemoryAdvice = "try a smaller --batch-size, --steps or --hidden";

Program program() {
  Program program;
  program.name = kName;
  program.summary = "Trains a spiking neural network and saves it in a run directory.";
  for (const Option& option : options()) program.options.push_back(&option);
  program.actions = {{"config", "FILE", "Read options from a YAML file; - for standard input"},
                     {"print-config", "", "Print the merged options as YAML and exit"},
                     {"print-defaults", "",
                      "Print configs/default.yaml, every option with its default and meaning, and "
                      "exit"},
                     {"dry-run", "", "Build everything, try a few batches, write nothing"}};
  program.footer =
      "Examples:\n"
      "  snn-train --beta 0.9 --hidden 800,400 --lr-schedule cosine\n"
      "  snn-train --config configs/study.yaml --seed 2\n"
      "  snn-train --resume auto\n"
      "\n"
      "Exit status: 0 done, 1 internal error or full disk, 2 wrong options, 3 data\n"
      "missing or damaged, 4 diverged, 5 checkpoint unusable, 128 + N interrupted by\n"
      "signal N (130 by Ctrl-C) with a checkpoint saved.\n";
  return program;
}

// Trains a few batches, to check the setup and measure the speed.
struct Trial {
  std::int64_t batches = 0;
  double loss = 0;  // of the last one
  double samples_per_second = 0;
};

Trial try_batches(const Setup& setup) {
  constexpr std::int64_t kBatches = 5;
  const DatasetSource source(setup.data.train);
  const Loader loader(source, setup.data.train_indices, samples_per_step(setup.config()),
                      input_options(setup.config()));
  Trial trial;
  Batch batch;
  double seconds = 0;
  std::int64_t samples = 0;
  for (; trial.batches < std::min(kBatches, loader.batches()); ++trial.batches) {
    loader.load(trial.batches, batch);
    const auto start = std::chrono::steady_clock::now();
    setup.engine->train_batch(batch, setup.config().lr);
    trial.loss = setup.engine->take_results().back().loss;
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    samples += batch.size();
  }
  trial.samples_per_second = static_cast<double>(samples) / seconds;
  return trial;
}

int dry_run(const Setup& setup) {
  const Config& config = setup.config();
  const Trial trial = try_batches(setup);
  const double epoch_seconds =
      static_cast<double>(setup.data.train_indices.size()) / trial.samples_per_second;
  const auto run = setup.start.run ? setup.start.run->path()
                                   : RunDirectory::next_path(config.out_dir, config.run_name,
                                                             std::string(name_of(config.dataset)));
  if (config.json) {
    std::cout << Json({{"batches", trial.batches},
                       {"loss", trial.loss},
                       {"samples_per_second", trial.samples_per_second},
                       {"epoch_seconds", epoch_seconds},
                       {"run", run.string()}})
                     .dump(2)
              << '\n';
    return 0;
  }
  std::cout << fmt::format(
      "dry run: {} batches, loss {:.4g}, {} samples/s, about {} per epoch; would write {}\n",
      trial.batches, trial.loss, format_count(static_cast<std::int64_t>(trial.samples_per_second)),
      format_duration(epoch_seconds), run.string());
  return 0;
}

// A learning rate that is never reached is probably a mistake.
void warn_of_schedule(const Setup& setup, spdlog::logger& log) {
  const Config& config = setup.config();
  if (config.lr_warmup <= static_cast<double>(config.epochs)) return;
  const auto samples = static_cast<std::int64_t>(setup.data.train_indices.size());
  const std::int64_t batches = batch_count(samples, samples_per_step(config));
  const double last = learning_rate(config.lr_schedule, config.lr, config.lr_warmup, batches,
                                    config.epochs, config.epochs * batches - 1);
  log.warn(
      "lr-warmup: the learning rate rises over {} epochs, but the run has {}: it ends at {:.3g} "
      "and never reaches {}",
      format_real(config.lr_warmup), config.epochs, last, format_real(config.lr));
}

// A damaged checkpoint that was replaced by another is kept, as its content may be recoverable.
void keep_damaged(const Start& start, spdlog::logger& log) {
  if (start.damaged.empty()) return;
  std::filesystem::path kept = start.damaged;
  kept += ".damaged";
  std::error_code error;
  std::filesystem::rename(start.damaged, kept, error);
  if (!error) log.warn("{} is kept as {}", start.damaged.string(), kept.string());
}

RunDirectory open_run(Setup& setup) {
  const Config& config = setup.config();
  if (setup.start.run) return std::move(*setup.start.run);
  return RunDirectory::create(config.out_dir, config.run_name,
                              std::string(name_of(config.dataset)));
}

// Passed to --config, this file repeats the run in a new directory.
void write_config(const RunDirectory& run, Config config) {
  config.run_name.clear();
  config.resume.clear();
  if (!config.data_dir.empty()) config.data_dir = absolute_text(config.data_dir);
  run.write(run.config(), to_yaml(config));
}

Observer observe(const Setup& setup, EpochTable& table, Terminal& terminal, spdlog::logger& log) {
  Observer observer;
  const bool shows_bar =
      terminal.is_interactive() && setup.config().progress && !setup.config().quiet;
  using Clock = std::chrono::steady_clock;
  const auto drawn = std::make_shared<Clock::time_point>();
  if (shows_bar) {
    // More updates would be invisible, and drawing takes time.
    const auto is_due = [drawn] { return Clock::now() - *drawn >= std::chrono::milliseconds(50); };
    const auto draw = [&, drawn](const auto& report) {
      *drawn = Clock::now();
      terminal.set_foot(table.progress_line(report, terminal.columns()));
    };
    observer.wants_batch = is_due;
    observer.batch = draw;
    observer.evaluation = [=](const EvaluationReport& report) {
      if (report.done == 0 || is_due()) draw(report);
    };
  }
  observer.epoch = [&, drawn](const EpochReport& report) {
    *drawn = {};  // the next epoch shows its first batch
    terminal.set_foot("");
    for (const std::string& line : table.lines(report, terminal.columns())) log.info("{}", line);
    for (const std::string& warning : table.warnings(report.row)) log.warn("{}", warning);
  };
  observer.warning = [&](const std::string& text) { log.warn("{}", text); };
  observer.stop_requested = [] { return requested_end() != 0; };
  observer.was_stopped = was_stopped;
  return observer;
}

int report_interruption(const RunDirectory& run, const TrainingRun& training, spdlog::logger& log) {
  const Progress& progress = training.progress();
  // The configuration file has the options that checkpoints do not store.
  log.warn("interrupted by {} in epoch {} after batch {}; resume with: {} --config {} --resume {}",
           signal_name(requested_end()), progress.epoch + 1, progress.batch, program_word(kName),
           path_word(run.config()), path_word(run.path()));
  return 128 + requested_end();
}

void print_results(const Setup& setup, const RunDirectory& run, const TrainingRun& training) {
  const Config& config = setup.config();
  const MetricsRow* row = reported_row(config, training.saved(), training.rows());
  const auto percent = [](const std::optional<double>& share) {
    return percent_or_dash(share, "unknown");
  };
  std::cout << fmt::format("test accuracy  {} (epoch {})\n", percent(row->test.accuracy),
                           row->epoch);
  if (row->test.top_k_accuracy) {
    std::cout << fmt::format("top {:<10} {}\n", config.top_k, percent(row->test.top_k_accuracy));
  }
  if (const std::string ties = ties_text(row->test); !ties.empty()) {
    std::cout << fmt::format("by count       {} (ties: {})\n", percent(row->test.count_accuracy),
                             ties);
  }
  if (training.rows().front().epoch == 0) {
    std::cout << fmt::format("untrained      {}\n", percent(training.rows().front().test.accuracy));
  }
  std::cout << fmt::format("checkpoint     {}\n",
                           (run.path() / reported_checkpoint(config, training.saved())).string());
  std::error_code ignored;
  if (std::filesystem::exists(run.report(), ignored)) {
    std::cout << fmt::format("report         {}\n", run.report().string());
  }
}

// True if the summary, which marks a finished run, exists and matches the checkpoints; a damaged or
// mismatched one is regenerated.
bool has_summary(const RunDirectory& run, const Config& config, const TrainingRun& training) {
  std::error_code ignored;
  if (!std::filesystem::exists(run.summary(), ignored)) return false;
  const auto json = json_if_valid(read_file(run.summary(), ExitCode::kCheckpoint, kLargestTable));
  return json && json->is_object() &&
         json->value("reported_checkpoint", "") == reported_checkpoint(config, training.saved());
}

// True if the run was started with --no-report.
bool wants_no_report(const RunDirectory& run) {
  Settings settings;
  try {
    apply_yaml(read_file(run.config(), ExitCode::kUsage, kLargestText), "", settings);
  } catch (const Error&) {
    return false;  // there is no readable configuration
  }
  return !settings.config.report;
}

// Writes the files of a finished run that a kill prevented or that were lost.
std::vector<std::filesystem::path> missing_results(const RunDirectory& run, const Config& config,
                                                   const TrainingRun& training) {
  std::vector<std::filesystem::path> missing;
  if (reported_row(config, training.saved(), training.rows()) == nullptr) {
    missing.push_back(run.metrics());
  }
  std::error_code ignored;
  if (!std::filesystem::exists(run.predictions(), ignored)) missing.push_back(run.predictions());
  const bool has_report = std::filesystem::exists(run.report(), ignored);
  if (!has_report && config.report && !wants_no_report(run)) missing.push_back(run.report());
  return missing;
}

[[noreturn]] void refuse_to_go_on(const Setup& setup, const RunDirectory& run,
                                  const TrainingRun& training) {
  const std::int64_t done = training.progress().epoch;
  const bool lost_patience = done < setup.config().epochs;
  throw Error(
      ExitCode::kUsage,
      fmt::format(
          "{}: {}", run.path().string(),
          lost_patience
              ? fmt::format("stopped early after {} epochs and cannot be resumed", done)
              : fmt::format("all {} epochs are done; to continue, give a larger --epochs", done)));
}

// Predicts the test images with the weights of the reported checkpoint. An error is only a warning,
// since the run itself is complete.
void write_predictions(const Setup& setup, const RunDirectory& run, const TrainingRun& training,
                       spdlog::logger& log) {
  const auto& [train, test, train_indices, validation_indices, test_indices] = setup.data;
  if (test_indices.empty()) return;
  try {
    const MetricsRow* row = reported_row(setup.config(), training.saved(), training.rows());
    if (row == nullptr || row->epoch != training.progress().epoch) {
      const auto path = run.path() / reported_checkpoint(setup.config(), training.saved());
      setup.engine->import_state(load_checkpoint(path).state);
    }
    const auto answers = evaluate(*setup.engine, test, test_indices, input_options(setup.config()),
                                  [] { return requested_end() != 0; });
    if (!answers) return;
    run.write(run.predictions(),
              predictions_to_csv(predictions_of(*answers, test, test_indices), test.classes));
  } catch (const Error& error) {
    log.warn("could not write predictions.csv: {}", error.what());
  }
}

void write_report(const Setup& setup, const RunDirectory& run, spdlog::logger& log) {
  if (!setup.config().report) return;
  run.check();
  try {
    report::write_run_report(run.path(), setup.data.test);
  } catch (const std::exception& error) {
    log.warn("could not write the report: {}; try: {} {}", error.what(), program_word("snn-report"),
             path_word(run.path()));
  }
}

// Writes the summary of a run with this outcome, and returns it.
std::string summarize(const Setup& setup, const RunDirectory& run, const TrainingRun& training,
                      Outcome outcome) {
  std::string summary =
      summary_to_json(setup.config(), training.saved(), training.rows(), facts(setup, outcome));
  run.write(run.summary(), summary);
  return summary;
}

Outcome run_trainer(const Setup& setup, const RunDirectory& run, TrainingRun& training,
                    spdlog::logger& log) {
  try {
    return training.run();
  } catch (const Error& error) {
    // Resuming would only repeat the divergence.
    if (error.code() == ExitCode::kDiverged) {
      summarize(setup, run, training, Outcome::kDiverged);
      write_report(setup, run, log);
    }
    throw;
  }
}

// Stale results: the run is being resumed.
void remove_results(const RunDirectory& run, spdlog::logger& log) {
  run.remove(run.summary());
  for (const auto& file : {run.predictions(), run.report()}) {
    try {
      run.remove(file);
    } catch (const Error& error) {
      log.warn("{}", error.what());
    }
  }
}

// The file is only for the user; nothing depends on it.
void try_to_write_config(const RunDirectory& run, const Config& config, spdlog::logger& log) {
  try {
    write_config(run, config);
  } catch (const Error& error) {
    log.warn("{}; training continues", error.what());
  }
}

// Writes the files of a finished run besides checkpoints and metrics. Returns its summary.
std::string write_results(const Setup& setup, const RunDirectory& run, const TrainingRun& training,
                          spdlog::logger& log) {
  // Written before the summary, which marks a finished run.
  write_predictions(setup, run, training, log);
  std::string summary = summarize(setup, run, training, Outcome::kFinished);
  write_report(setup, run, log);
  return summary;
}

// Trains in `run` and stores the results there.
int train_in(const RunDirectory& run, const Setup& setup, Terminal& terminal, spdlog::logger& log,
             LogFile& log_file) {
  const Config& config = setup.config();
  log_banner(setup, kName, terminal, log);
  log.info("run      {}", run.path().string());
  if (!run.warning().empty()) log.warn("{}", run.warning());
  warn_of_schedule(setup, log);

  EpochTable table(config, setup.network, terminal);
  TrainingRun training(*setup.engine, setup.data, config, setup.network, run,
                       observe(setup, table, terminal, log));
  if (setup.start.checkpoint) {
    keep_damaged(setup.start, log);
    training.resume(*setup.start.checkpoint);
  }
  const bool was_finished = training.is_finished() && has_summary(run, config, training);
  const auto missing =
      was_finished ? missing_results(run, config, training) : std::vector<std::filesystem::path>();
  if (was_finished && missing.empty()) refuse_to_go_on(setup, run, training);
  for (const auto& file : missing) log.info("{} is missing and will be regenerated", file.string());
  if (!was_finished) {
    remove_results(run, log);
    try_to_write_config(run, config, log);
  }
  const Outcome outcome = run_trainer(setup, run, training, log);
  terminal.set_foot("");
  if (outcome == Outcome::kInterrupted) return report_interruption(run, training, log);

  const std::string summary = write_results(setup, run, training, log);
  log_file.note(spdlog::level::info,
                fmt::format("finished after epoch {}", training.progress().epoch));
  if (config.json) {
    std::cout << summary;
  } else {
    print_results(setup, run, training);
  }
  return 0;
}

int train(Setup setup, Terminal& terminal, spdlog::logger& log) {
  const RunDirectory run = open_run(setup);
  LogFile log_file(log, run.log(), setup.config(), terminal);
  handle_signals(log_file.descriptor(), terminal.is_interactive() && !setup.config().quiet);
  try {
    return train_in(run, setup, terminal, log, log_file);
  } catch (const std::exception& error) {
    log_file.note(spdlog::level::err, failure_of(error, kMemoryAdvice).text);
    throw;
  }
}

int run(int argc, char** argv) {
  CommandLine line;
  if (!read_command_line(program(), argc, argv, version_text(kName, libtorch_version()), line)) {
    return 0;
  }
  if (line.has("print-defaults")) {
    std::cout << default_yaml();
    return 0;
  }
  Start start = find_start(line);
  if (line.has("print-config")) {
    std::cout << to_yaml(start.config);
    return 0;
  }
  Terminal terminal;
  const auto log = make_logger(terminal, start.config);
  Setup setup = build(std::move(start));
  if (line.has("dry-run")) {
    log_banner(setup, kName, terminal, *log);
    return dry_run(setup);
  }
  return train(std::move(setup), terminal, *log);
}

}  // namespace
}  // namespace snn::cli

int main(int argc, char** argv) {
  return snn::cli::run_program(snn::cli::kName, snn::cli::kMemoryAdvice,
                               [&] { return snn::cli::run(argc, argv); });
}
