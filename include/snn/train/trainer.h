#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "snn/data/batch.h"
#include "snn/data/dataset.h"
#include "snn/engine.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/evaluate.h"
#include "snn/train/metrics.h"
#include "snn/train/run_directory.h"

namespace snn {

/// The samples a run uses, as indices into its data sets.
struct TrainingData {
  Dataset train;
  Dataset test;
  std::vector<std::uint32_t> train_indices;
  std::vector<std::uint32_t> validation_indices;  ///< the last ones of the training set, held out
  std::vector<std::uint32_t> test_indices;
};

/// Loads the data set of `config` and shares it out. Throws Error(kData), or Error(kUsage) when
/// `validation` leaves nothing to train on.
TrainingData load_training_data(const Config& config);

/// Puts `engine` where `checkpoint` was. Throws Error(kData) if that was trained on other data than
/// `data`, and Error(kCheckpoint) if it does not fit.
void restore(Engine& engine, const Checkpoint& checkpoint, const TrainingData& data);

/// After each batch: the epoch so far.
struct BatchReport {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t epochs = 0;
  std::int64_t batch = 0;  ///< done
  std::int64_t batches = 0;
  double loss = 0.0;
  double accuracy = 0.0;
  double images_per_second = 0.0;
  double seconds_left = 0.0;  ///< of the epoch
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
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::string&)> warning;
  std::function<bool()> stop_requested;  ///< asked after each batch
};

enum class Outcome { kFinished, kInterrupted };

/// The training loop: batches in the order of the epoch's shuffle, learning rate by the schedule,
/// evaluation, metrics, best and last checkpoint after each epoch. It prints nothing.
class Trainer {
 public:
  /// The references must outlive the trainer; `config` and `network` describe the run and the
  /// engine that was made for it.
  Trainer(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
          const RunDirectory& directory, Observer observer);

  /// Goes on from `checkpoint`, to which it restores the engine, in the directory that it came
  /// from: metrics.csv is cut back to its epoch. That rows of it are missing is a warning; those
  /// that the summary needs are evaluated anew. Throws as restore(), and Error(kCheckpoint) if
  /// metrics.csv is damaged.
  void resume(const Checkpoint& checkpoint);

  /// Trains until the planned epochs are done, patience is at its end, or a stop is requested; a
  /// checkpoint is then there from which training goes on bit for bit. One that cannot be written
  /// on the way is a warning, the last one an Error(kInternal). Throws Error(kDiverged) when loss
  /// or gradient is not finite, and leaves the checkpoints of the epoch before as they are.
  Outcome run();

  bool is_finished() const;
  const Progress& progress() const { return progress_; }
  const std::vector<MetricsRow>& rows() const { return rows_; }

 private:
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
  void save(bool is_best);
  void write_events() const;
  Checkpoint checkpoint() const;
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
  std::vector<MetricsRow> rows_;
  std::set<std::string> out_of_range_;  // learned parameters that were warned of
  double last_finite_loss_ = 0.0;
  std::string unsaved_;  // why the newest checkpoint could not be written; empty if it was
  // Of the epoch under way, in this process: what is known only by the clock is in no checkpoint.
  double seconds_ = 0.0;
  std::int64_t timed_samples_ = 0;
};

}  // namespace snn
