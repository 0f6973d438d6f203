#pragma once

#include <span>

namespace snn {

/// The mean of some numbers, at least one, and their sample standard deviation, 0 for one.
struct Spread {
  double mean = 0;
  double sd = 0;
};
Spread spread_of(std::span<const double> values);

}  // namespace snn
