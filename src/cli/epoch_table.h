#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "snn/train/config.h"
#include "snn/train/trainer.h"

namespace snn::cli {

/// The lines in which a run tells a person how it goes. Down to 40 columns none is wider than the
/// terminal. Where there is no room for all, what gives way is, in this order: long headings; the
/// speed; the second decimal of the spikes, those of the layers between the first and the last, all
/// of them; the accuracy in training, the loss in validation, the time, the loss in test, the mark
/// of the best epoch, the loss in training. Epoch and accuracy in validation and test always stay.
class EpochTable {
 public:
  EpochTable(const Config& config, const NetworkSpec& network, const Terminal& terminal);

  /// The line of an epoch; the headings before it if it is the first one, or if other columns are
  /// shown than before, for the terminal may have changed.
  std::vector<std::string> lines(const EpochReport& report, int columns);

  /// What is wrong with the activity of a layer: silent, or spiking at every step, or, of a hidden
  /// one and said once, silent for the most part. Of an output layer of relu neurons nothing is:
  /// its currents are the output, whatever their sign.
  std::vector<std::string> warnings(const MetricsRow& row);

  /// The epoch under way: bar, loss, accuracy, time left of it and of the run, speed; shorter than
  /// `columns`. What gives way is, in this order: speed, accuracy, loss, the bar, the time left of
  /// the epoch, that of the run.
  std::string progress_line(const BatchReport& report, int columns) const;
  /// The same while the network is tested.
  std::string progress_line(const EvaluationReport& report, int columns) const;

 private:
  /// What is shown of an epoch.
  struct Shape;
  struct Cell;
  Shape shape_for(const EpochReport& report, int columns) const;
  Cell spikes_cell(const MetricsRow& row, const Shape& shape) const;
  std::vector<Cell> cells(const EpochReport& report, const Shape& shape) const;

  bool validates_;
  std::vector<bool> has_spikes_;  // of each layer
  std::int64_t steps_;
  const Terminal& terminal_;
  std::string heading_;                    // the last one that was shown
  std::set<std::size_t> told_of_silence_;  // layers
};

}  // namespace snn::cli
