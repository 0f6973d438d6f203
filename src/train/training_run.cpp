#include "snn/train/training_run.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "snn/train/metrics.h"
#include "system/files.h"
#include "train/checkpoint_check.h"
#include "train/tensorboard.h"

namespace snn {
namespace {

// The epochs from 0 to `last` without a row: "0-2, 5".
std::string missing_epochs(const std::vector<MetricsRow>& rows, std::int64_t last) {
  std::vector<std::string> ranges;
  std::int64_t next = 0;
  const auto expect = [&](std::int64_t epoch) {
    const std::string first = std::to_string(next), before = std::to_string(epoch - 1);
    if (next < epoch) ranges.push_back(first == before ? first : first + "-" + before);
    next = epoch + 1;
  };
  for (const MetricsRow& row : rows) expect(row.epoch);
  expect(last + 1);
  return join(ranges, ", ");
}

// The progress of a checkpoint, if it is a usable one of this run.
std::optional<Progress> progress_of(const std::filesystem::path& path, const Checkpoint& run) {
  try {
    const Checkpoint found = load_checkpoint(path);
    const bool is_of_run = found.network == run.network && found.train_digest == run.train_digest;
    return is_of_run ? std::optional(found.progress) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

TrainingRun::TrainingRun(Engine& engine, const TrainingData& data, Config config,
                         NetworkSpec network, const RunDirectory& directory, Observer observer)
    : config_(config),
      network_(network),
      directory_(directory),
      warn_(observer.warning ? observer.warning : [](const std::string&) {}),
      writer_(directory, warn_),
      trainer_(engine, data, std::move(config), std::move(network), keeping(std::move(observer))) {}

// Forwards to `observer` after writing the files.
Observer TrainingRun::keeping(Observer observer) {
  observer.checkpoint = [this, told = std::move(observer.checkpoint)](const Checkpoint& checkpoint,
                                                                      bool is_best) {
    keep(checkpoint, is_best);
    if (told) told(checkpoint, is_best);
  };
  observer.epoch = [this, told = std::move(observer.epoch)](const EpochReport& report) {
    if (rows_written_ != rows().size()) {
      write_metrics();
      write_events();
    }
    if (told) told(report);
  };
  return observer;
}

void TrainingRun::resume(const Checkpoint& checkpoint) {
  trainer_.resume(checkpoint);
  is_resumed_ = true;
  read_rows();
  check_best(checkpoint);
}

// The rows of metrics.csv for the completed epochs.
void TrainingRun::read_rows() {
  const std::filesystem::path path = directory_.metrics();
  std::vector<MetricsRow> rows;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    std::string text;
    try {
      text = read_table(path, ExitCode::kCheckpoint);
      rows = metrics_from_csv(text, network_.layers.size(), path.string());
    } catch (const Error& error) {
      rows = readable_metrics(text, network_.layers.size());
      std::filesystem::path kept = path;
      kept += ".damaged";
      std::filesystem::rename(path, kept, ignored);
      warn_(std::string(error.what()) + "; it is kept as " + kept.string());
    }
  }
  trainer_.restore_rows(std::move(rows));
  rows_written_ = trainer_.rows().size();
  if (!std::filesystem::exists(path, ignored)) write_metrics();
  const std::string missing = missing_epochs(trainer_.rows(), progress().epoch);
  const bool is_new = trainer_.step() == 0;  // the row of epoch 0 does not exist yet
  if (!is_new && !missing.empty()) {
    warn_(path.string() + ": the rows of these epochs are missing: " + missing);
  }
}

// Compares the checkpoints on disk with `resumed`. Only one of the files has the best weights.
void TrainingRun::check_best(const Checkpoint& resumed) {
  const auto last = progress_of(directory_.last(), resumed);
  const auto best = progress_of(directory_.best(), resumed);
  const auto& expected = progress().best;
  const bool is_best_there = best && best->best == expected;
  writer_.resume(last.value_or(Progress{}), is_best_there ? expected : std::nullopt);
  // A kill between writing the best and the last checkpoint leaves a newer best one, which training
  // will reach again.
  const bool is_ahead = best && best->epoch > progress().epoch;
  if (expected && !is_best_there && !is_ahead) {
    const bool is_at_hand = progress().batch == 0 && expected->epoch == progress().epoch;
    if (is_at_hand) {
      save(/*is_best=*/true);
    } else {
      drop_best("missing, damaged or from another run");
    }
  } else if (last != progress()) {
    save(/*is_best=*/false);
  }
}

// The weights of the best epoch are lost. `why` is the problem with their file.
void TrainingRun::drop_best(const std::string& why) {
  warn_(directory_.best().string() + ": " + why + "; the best weights, from epoch " +
        std::to_string(progress().best->epoch) +
        ", are lost; the best epoch is selected from the epochs that follow");
  trainer_.forget_best();
  writer_.forget_best();
  save(/*is_best=*/false);
}

Outcome TrainingRun::run() {
  try {
    return run_to_end();
  } catch (const Error& error) {
    if (error.code() == ExitCode::kDiverged) {
      throw Error(ExitCode::kDiverged,
                  std::string(error.what()) + ". " + last_good_checkpoint(directory_));
    }
    discard_if_new();
    throw;
  } catch (...) {
    discard_if_new();
    throw;
  }
}

// A run that fails before learning anything would fail again if resumed.
void TrainingRun::discard_if_new() const {
  if (is_resumed_ || trainer_.step() != 0) return;
  try {
    for (const auto& file : {directory_.last(), directory_.metrics()}) directory_.remove(file);
  } catch (const Error&) {
    // The reason why the run failed, which the folder's log has, matters more.
  }
}

Outcome TrainingRun::run_to_end() {
  // Without any checkpoint the run could not be resumed.
  std::error_code ignored;
  if (!std::filesystem::exists(directory_.last(), ignored)) {
    writer_.begin(serialize(trainer_.checkpoint()), progress());
  }
  // Also for a resumed run, which may have ended before they were written.
  write_events();
  const bool has_rows = trainer_.add_row() && evaluate_best();
  if (!has_rows) save(/*is_best=*/false);
  const Outcome outcome = has_rows ? trainer_.run() : Outcome::kInterrupted;
  const bool is_best_lost = outcome == Outcome::kFinished && progress().best &&
                            progress().best != saved().best && !writer_.owes_best();
  if (is_best_lost) drop_best("from another epoch");
  if (!writer_.failure().empty()) throw Error(ExitCode::kInternal, writer_.failure());
  return outcome;
}

// Evaluates the best weights if the summary will report on them and their row is lost.
bool TrainingRun::evaluate_best() {
  const auto best = progress().best;
  const bool is_reported = config_.validation > 0 && best && saved().best == best;
  if (!is_reported || trainer_.has_row(best->epoch)) return true;
  return trainer_.add_row(best->epoch, load_checkpoint(directory_.best()).state);
}

// The order matters: after a kill in between, the last checkpoint on disk redoes all of it.
void TrainingRun::keep(const Checkpoint& checkpoint, bool is_best) {
  directory_.check();  // the folder might now be another run's
  const std::string bytes = serialize(checkpoint);
  if (is_best) writer_.write_best(bytes, *checkpoint.progress.best);
  write_metrics();
  writer_.write_last(bytes, checkpoint.progress);
  write_events();  // last, since training does not need them
}

void TrainingRun::write_metrics() {
  rows_written_ = rows().size();
  if (!rows().empty()) writer_.write_metrics(metrics_to_csv(rows(), network_.layers.size()));
}

void TrainingRun::write_events() {
  if (!config_.tensorboard || rows().empty()) return;
  writer_.write(directory_.events(),
                [&] { snn::write_events(directory_.events(), rows(), network_); });
}

}  // namespace snn
