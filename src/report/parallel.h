#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chart.h"

namespace snn::report {

/// One axis of parallel coordinates: positions from 0 (left) to 1, some of which have a label.
struct ParallelAxis {
  std::string name;
  std::vector<std::pair<double, std::string>> labels;
};

/// A line across all axes; it ends before an axis on which it has no value.
struct ParallelLine {
  std::vector<std::optional<double>> at;  ///< its position on each axis
  std::string name;                       ///< its tooltip
  double share = 0;                       ///< its rank from 0 to 1: better lines are highlighted
  bool is_best = false;
};

/// Parallel coordinates with horizontal axes, one below the other, so that their number makes the
/// picture higher and not its text smaller.
struct ParallelChart {
  std::string title;
  std::vector<ParallelAxis> axes;
  std::vector<ParallelLine> lines;
  double width = kChartWidth;
};
Drawing draw(const ParallelChart& chart);

}  // namespace snn::report
