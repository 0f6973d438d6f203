#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/loader.h"
#include "snn/engine/engine.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/evaluate.h"
#include "snn/train/metrics.h"
#include "snn/train/outcome.h"
#include "snn/train/training_data.h"

namespace snn {

/// The progress of an epoch, reported after a batch.
struct BatchReport {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t epochs = 0;
  std::int64_t batch = 0;  ///< done
  std::int64_t batches = 0;
  double loss = 0.0;
  double accuracy = 0.0;
  double samples_per_second = 0.0;
  double seconds_left = 0.0;      ///< remaining training time of the epoch
  double run_seconds_left = 0.0;  ///< remaining time of all epochs with their evaluations
};

/// The progress of an evaluation, reported after each batch.
struct EvaluationReport {
  std::int64_t epoch = 0;
  std::int64_t epochs = 0;
  std::int64_t done = 0;  ///< evaluated validation and test samples
  std::int64_t samples = 0;
  std::optional<double> run_seconds_left = {};  ///< empty before the first time measurement
};

/// The result of an epoch, reported after each epoch and before the first (row.epoch 0).
struct EpochReport {
  MetricsRow row;
  std::int64_t epochs = 0;
  bool is_best = false;
};

/// The callbacks of a training run; every member may be empty.
struct Observer {
  std::function<void(const BatchReport&)> batch;
  /// Asked after each batch whether it shall be reported, because loss and accuracy have a price: a
  /// device must have ended its steps. The last batch of an epoch always is. Empty: all are.
  std::function<bool()> wants_batch;
  std::function<void(const EvaluationReport&)> evaluation;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::string&)> warning;
  std::function<bool()> stop_requested;  ///< called after each batch
  /// Called after each batch; true if the process was stopped (SIGSTOP) since the last call. The
  /// duration of such a batch is unknown.
  std::function<bool()> was_stopped;
  /// Called with each checkpoint to be saved: after every epoch, before its report; within an epoch
  /// as set by Config::checkpoint_every; and when training is stopped. `is_best`: its weights are
  /// the best so far. An exception ends the training.
  std::function<void(const Checkpoint& checkpoint, bool is_best)> checkpoint;
};

/// The training loop: shuffled batches, the learning rate of the schedule, evaluation and a row of
/// metrics after each epoch. It prints and writes nothing; the observer receives everything to be
/// stored. TrainingRun (training_run.h) stores it in a run directory.
class Trainer {
 public:
  /// The references must outlive the trainer; `config` and `network` describe the run and the
  /// engine that was made for it.
  Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
          Observer observer = {});
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Restores the engine to `checkpoint` and resumes from it. Throws as restore() does.
  void resume(const Checkpoint& checkpoint);

  /// Sets the rows of an earlier session, in ascending order; rows after the checkpoint's epoch are
  /// dropped.
  void restore_rows(std::vector<MetricsRow> rows);

  /// Trains until the planned epochs are completed, early stopping triggers, or a stop is
  /// requested; training resumes bit for bit from the last checkpoint. Throws Error(kDiverged) if
  /// loss, gradient, a parameter or a moment is not finite, and then saves no checkpoint.
  Outcome run();

  /// Between epochs: evaluates the current weights and adds their row, if missing. run() does so
  /// too. False if a stop was requested.
  bool add_row();
  /// The same for an epoch's weights in `state`; the engine's own state is restored afterwards.
  bool add_row(std::int64_t epoch, const EngineState& state);
  bool has_row(std::int64_t epoch) const;

  /// The checkpoint from which training resumes bit for bit. Throws Error(kDiverged) if a parameter
  /// or moment is not finite.
  Checkpoint checkpoint() const { return checkpoint(finite_state()); }

  /// Forgets the best epoch, whose weights are lost: the best is selected among later epochs.
  void forget_best() { progress_.best.reset(); }

  bool is_finished() const;
  const Progress& progress() const { return progress_; }
  /// Optimiser steps so far.
  std::int64_t step() const { return progress_.epoch * batches_per_epoch() + progress_.batch; }
  const std::vector<MetricsRow>& rows() const { return rows_; }

 private:
  bool train_epoch();
  bool wants_results() const;
  void take_results();
  void add(const BatchResult& result);
  bool finish_epoch();
  bool evaluate_epoch(std::int64_t epoch);
  bool evaluate_into(MetricsRow& row);
  bool update_best(const MetricsRow& row);
  bool is_save_due() const;
  bool is_epoch_trained() const { return trained_ == batches_per_epoch(); }
  void keep(EngineState state, bool is_best);
  Checkpoint checkpoint(EngineState state) const;
  EngineState finite_state() const;

  void report_batch() const;
  void report_evaluation(std::int64_t epoch, std::int64_t done) const;
  double epoch_seconds() const;
  void warn_of_ranges(const MetricsRow& row);
  void warn_of_loss(const MetricsRow& row);
  void warn(const std::string& text) const;
  void check_finite(const MetricsRow& row) const;
  [[noreturn]] void throw_diverged(std::int64_t epoch, std::int64_t step, const std::string& what,
                                   std::optional<double> lr) const;

  double learning_rate_of(std::int64_t step) const;
  std::int64_t batches_per_epoch() const { return loader_.batches(); }
  bool stop_requested() const { return observer_.stop_requested && observer_.stop_requested(); }

  Engine& engine_;
  const TrainingData& data_;
  Config config_;
  NetworkSpec network_;
  Observer observer_;
  DatasetSource source_;
  Loader loader_;
  Progress progress_;
  // The batches of this epoch that were trained on; progress_.batch is the number of those whose
  // results were taken.
  std::int64_t trained_ = 0;
  std::chrono::steady_clock::time_point taken_at_;
  std::vector<MetricsRow> rows_;
  std::optional<double> last_finite_loss_;
  bool is_over_ = false;  // was finished when resumed, also if the best epoch is lost
  bool has_warned_of_loss_ = false;
  std::int64_t batches_since_save_ = 0;
  std::chrono::steady_clock::time_point saved_at_ = std::chrono::steady_clock::now();
  std::set<std::string> out_of_range_;  // learned parameters with a warning already issued
  // Timing of the current epoch in this process; checkpoints hold no times.
  double seconds_ = 0.0;
  std::int64_t timed_samples_ = 0;
  double evaluation_seconds_ = 0.0;  // duration of the last evaluation
};

}  // namespace snn
