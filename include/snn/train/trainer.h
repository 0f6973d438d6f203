#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/dataset.h"
#include "snn/engine/engine.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/evaluate.h"
#include "snn/train/metrics.h"
#include "snn/train/outcome.h"
#include "snn/train/run_directory.h"
#include "snn/train/run_writer.h"
#include "snn/train/training_data.h"

namespace snn {

/// After each batch: the epoch so far.
struct BatchReport {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t epochs = 0;
  std::int64_t batch = 0;  ///< done
  std::int64_t batches = 0;
  double loss = 0.0;
  double accuracy = 0.0;
  double images_per_second = 0.0;
  double seconds_left = 0.0;      ///< of the epoch's training
  double run_seconds_left = 0.0;  ///< with all epochs and their evaluations
};

/// After each batch of an evaluation.
struct EvaluationReport {
  std::int64_t epoch = 0;
  std::int64_t epochs = 0;
  std::int64_t done = 0;  ///< of validation and test samples
  std::int64_t samples = 0;
  std::optional<double> run_seconds_left = {};  ///< none before something has been timed
};

/// After each epoch, and before the first (row.epoch 0).
struct EpochReport {
  MetricsRow row;
  std::int64_t epochs = 0;
  bool is_best = false;
};

/// How a caller follows a training run; every member may be empty.
struct Observer {
  std::function<void(const BatchReport&)> batch;
  std::function<void(const EvaluationReport&)> evaluation;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::string&)> warning;
  std::function<bool()> stop_requested;  ///< asked after each batch
  /// Asked after each batch: whether the process stood still (SIGSTOP) since the last time. The
  /// time of such a batch is not known.
  std::function<bool()> was_stopped;
};

/// The training loop: batches in the order of the epoch's shuffle, learning rate by the schedule,
/// evaluation, metrics, best and last checkpoint after each epoch. It prints nothing.
class Trainer {
 public:
  /// The references must outlive the trainer; `config` and `network` describe the run and the
  /// engine that was made for it.
  Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
          const RunDirectory& directory, Observer observer);

  /// Goes on from `checkpoint`, to which it restores the engine, in the directory that it came
  /// from: metrics.csv is cut back to its epoch. No other file than the checkpoint is needed: a
  /// damaged metrics.csv is kept as metrics.csv.damaged, rows that are missing are a warning and
  /// those that the summary needs evaluated anew, and where the best checkpoint is lost the best
  /// one is chosen anew, with a warning. Throws as restore().
  void resume(const Checkpoint& checkpoint);

  /// Trains until the planned epochs are done, patience is at its end, or a stop is requested; a
  /// checkpoint is then there from which training goes on bit for bit. A file that cannot be
  /// written on the way is a warning, one that is still missing in the end an Error(kInternal), as
  /// is at once a folder of the run that was replaced meanwhile. Throws Error(kDiverged) when loss,
  /// gradient, a parameter or a moment is not finite, and leaves the last checkpoint before as it
  /// is. A new run that fails otherwise before its first step leaves none, so that no other is
  /// misled to go on with it.
  Outcome run();

  bool is_finished() const;
  const Progress& progress() const { return progress_; }
  /// The progress that the last checkpoint on the disk has, with the `best` of the best one: what
  /// can be said of the run without contradicting its files.
  const Progress& saved() const { return writer_.saved(); }
  const std::vector<MetricsRow>& rows() const { return rows_; }

 private:
  Outcome run_to_end();
  void discard_if_new() const;
  void read_rows();
  void check_best(const Checkpoint& resumed);
  void drop_best(const std::string& why);
  bool fill_rows();
  bool evaluate_epoch(std::int64_t epoch);
  bool has_row(std::int64_t epoch) const;
  bool train_epoch();
  const Batch* gather_batch(const std::vector<std::uint32_t>& order, std::int64_t index,
                            Batch& batch) const;
  void train_batch(const Batch& batch, const NextBatch& next);
  bool finish_epoch();
  bool evaluate_into(MetricsRow& row);
  void warn_of_ranges(const MetricsRow& row);
  bool update_best(const MetricsRow& row);
  void report_batch() const;
  void report_evaluation(std::int64_t epoch, std::int64_t done) const;
  double epoch_seconds() const;
  void check_finite(const MetricsRow& row) const;
  void warn_of_loss(const MetricsRow& row);
  void warn(const std::string& text) const;
  [[noreturn]] void throw_diverged(std::int64_t epoch, std::int64_t step, const std::string& what,
                                   std::optional<double> lr) const;
  void save(bool is_best);
  void save(bool is_best, EngineState state);
  EngineState finite_state() const;
  bool is_save_due() const;
  void write_metrics();
  void write_events();
  Checkpoint checkpoint(EngineState state) const;
  double learning_rate_of(std::int64_t step) const;
  std::int64_t batches_per_epoch() const;
  std::int64_t step() const { return progress_.epoch * batches_per_epoch() + progress_.batch; }
  bool stop_requested() const { return observer_.stop_requested && observer_.stop_requested(); }

  Engine& engine_;
  const TrainingData& data_;
  Config config_;
  NetworkSpec network_;
  const RunDirectory& directory_;
  Observer observer_;
  Progress progress_;
  bool is_resumed_ = false;
  std::vector<MetricsRow> rows_;
  RunWriter writer_;
  std::optional<double> last_finite_loss_;
  bool is_over_ = false;  // whatever is_finished() would make of what is left of the files
  bool has_warned_of_loss_ = false;
  std::int64_t batches_since_save_ = 0;
  std::chrono::steady_clock::time_point saved_at_;
  std::set<std::string> out_of_range_;  // learned parameters that were warned of
  // Of the epoch under way, in this process: what is known only by the clock is in no checkpoint.
  double seconds_ = 0.0;
  std::int64_t timed_samples_ = 0;
  double evaluation_seconds_ = 0.0;  // the last evaluation took so long
};

}  // namespace snn
