#pragma once

#include <vector>

#include "report/chart.h"

namespace snn::report {

/// The line through (times, values) with few enough points for a picture: of many that would be
/// drawn in one place, the lowest and the highest.
std::vector<Point> thinned(const std::vector<double>& times, const std::vector<double>& values);

}  // namespace snn::report
