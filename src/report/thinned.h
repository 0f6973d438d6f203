#pragma once

#include <vector>

#include "report/chart.h"

namespace snn::report {

/// The line through (times, values) reduced for drawing: points at the same place are replaced by
/// the lowest and the highest.
std::vector<Point> thinned(const std::vector<double>& times, const std::vector<double>& values);

}  // namespace snn::report
