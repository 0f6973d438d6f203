#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "snn/train/config.h"
#include "snn/train/trainer.h"

namespace snn::cli {

/// The lines in which a run tells a person how it goes.
class EpochTable {
 public:
  EpochTable(const Config& config, const NetworkSpec& network, const Terminal& terminal);

  /// The line of an epoch; before the first one, the headings too.
  std::vector<std::string> lines(const EpochReport& report);

  /// What is wrong with the activity of a layer: silent, or spiking at every step, or, of a hidden
  /// one and said once, silent for the most part. Of an output layer of relu neurons nothing is:
  /// its currents are the output, whatever their sign.
  std::vector<std::string> warnings(const MetricsRow& row);

  /// The epoch under way: bar, loss, accuracy, speed, time left.
  std::string progress_line(const BatchReport& report, int columns) const;

 private:
  struct Cell;
  std::vector<Cell> cells(const EpochReport& report) const;

  bool validates_;
  std::vector<NeuronKind> kinds_;  // of each layer
  std::int64_t steps_;
  const Terminal& terminal_;
  bool has_heading_ = false;
  std::set<std::size_t> told_of_silence_;  // layers
};

}  // namespace snn::cli
