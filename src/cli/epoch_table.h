#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "snn/train/config.h"
#include "snn/train/trainer.h"

namespace snn::cli {

/// The progress table of a run. Down to 40 columns no line is wider than the terminal. If space is
/// short, these are dropped in order: long headings; speed; the second decimal of the spikes, the
/// spikes of the layers between the first and the last, all spikes; training accuracy, validation
/// loss, time, test loss, the mark of the best epoch, training loss. Epoch and the accuracies of
/// validation and test are always shown.
class EpochTable {
 public:
  EpochTable(const Config& config, const NetworkSpec& network, const Terminal& terminal);

  /// The line of an epoch, preceded by the headings if it is the first or if the columns have
  /// changed with the width of the terminal.
  std::vector<std::string> lines(const EpochReport& report, int columns);

  /// The problem with a layer's activity: silent, spiking at every step or, for a hidden layer and
  /// reported once, mostly silent. An output layer of relu neurons has none: its currents are the
  /// output, regardless of sign.
  std::vector<std::string> warnings(const MetricsRow& row);

  /// The progress line of the current epoch: bar, loss, accuracy, time left of the epoch and of the
  /// run, speed; shorter than `columns`. If space is short, these are dropped in order: speed,
  /// accuracy, loss, bar, time left of the epoch, time left of the run.
  std::string progress_line(const BatchReport& report, int columns) const;
  /// The progress line of an evaluation.
  std::string progress_line(const EvaluationReport& report, int columns) const;

 private:
  /// The columns shown for an epoch.
  struct Shape;
  struct Cell;
  Shape shape_for(const EpochReport& report, int columns) const;
  Cell spikes_cell(const MetricsRow& row, const Shape& shape) const;
  std::vector<Cell> cells(const EpochReport& report, const Shape& shape) const;

  std::string advice(std::size_t layer, int direction, const std::string& otherwise) const;

  bool validates_;
  NetworkSpec network_;
  std::vector<bool> has_spikes_;  // of each layer
  std::int64_t steps_;
  const Terminal& terminal_;
  std::string heading_;                    // the last one shown
  std::set<std::size_t> told_of_silence_;  // layers
};

}  // namespace snn::cli
