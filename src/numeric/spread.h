#pragma once

#include <span>

namespace snn {

/// The mean of at least one number and the sample standard deviation, which is 0 for one number.
struct Spread {
  double mean = 0;
  double sd = 0;
};
Spread spread_of(std::span<const double> values);

}  // namespace snn
