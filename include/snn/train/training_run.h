#pragma once

#include <functional>
#include <string>
#include <vector>

#include "snn/engine/engine.h"
#include "snn/network/network_spec.h"
#include "snn/train/checkpoint.h"
#include "snn/train/config.h"
#include "snn/train/run_directory.h"
#include "snn/train/run_writer.h"
#include "snn/train/trainer.h"
#include "snn/train/training_data.h"

namespace snn {

/// A training run that stores its checkpoints, metrics.csv and TensorBoard events in a run
/// directory, so that it can be resumed after any interruption.
class TrainingRun {
 public:
  /// As Trainer(), in `directory`, which must outlive the run.
  TrainingRun(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
              const RunDirectory& directory, Observer observer);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  /// Restores the engine to `checkpoint` and resumes from it, in the directory of the checkpoint:
  /// metrics.csv is truncated to its epoch. Only the checkpoint is needed: a damaged metrics.csv is
  /// kept as metrics.csv.damaged, missing rows cause a warning and are re-evaluated if the summary
  /// needs them, and if the best checkpoint is lost, a new best one is selected, with a warning.
  /// Throws as restore() does.
  void resume(const Checkpoint& checkpoint);

  /// Trains until the planned epochs are completed, early stopping triggers, or a stop is
  /// requested; training resumes bit for bit from the checkpoint then saved. A file that cannot be
  /// written during training causes a warning, one still missing at the end an Error(kInternal); a
  /// replaced run folder is an Error(kInternal) immediately. Throws Error(kDiverged) if loss,
  /// gradient, a parameter or a moment is not finite, and leaves the last checkpoint unchanged. A
  /// new run that fails for another reason before its first step leaves no checkpoint, so that
  /// nothing resumes it.
  Outcome run();

  bool is_finished() const { return trainer_.is_finished(); }
  const Progress& progress() const { return trainer_.progress(); }
  /// The progress of the last checkpoint on disk, with the `best` of the best one: the progress
  /// that agrees with the run's files.
  const Progress& saved() const { return writer_.saved(); }
  const std::vector<MetricsRow>& rows() const { return trainer_.rows(); }

 private:
  Observer keeping(Observer observer);
  Outcome run_to_end();
  void discard_if_new() const;
  void read_rows();
  void check_best(const Checkpoint& resumed);
  void drop_best(const std::string& why);
  bool evaluate_best();
  void save(bool is_best) { keep(trainer_.checkpoint(), is_best); }
  void keep(const Checkpoint& checkpoint, bool is_best);
  void write_metrics();
  void write_events();

  Config config_;
  NetworkSpec network_;
  const RunDirectory& directory_;
  std::function<void(const std::string&)> warn_;
  RunWriter writer_;
  bool is_resumed_ = false;
  std::size_t rows_written_ = 0;
  Trainer trainer_;
};

}  // namespace snn
