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

/// A training whose checkpoints, metrics.csv and TensorBoard events are kept in a run directory, so
/// that it can be resumed after any interruption.
class TrainingRun {
 public:
  /// As Trainer(), in `directory`, which must outlive the run.
  TrainingRun(Engine& engine, const TrainingData& data, Config config, NetworkSpec network,
              const RunDirectory& directory, Observer observer);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

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

  bool is_finished() const { return trainer_.is_finished(); }
  const Progress& progress() const { return trainer_.progress(); }
  /// The progress that the last checkpoint on the disk has, with the `best` of the best one: what
  /// can be said of the run without contradicting its files.
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
