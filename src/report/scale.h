#pragma once

#include <string>
#include <vector>

namespace snn::report {

/// The mapping from values to coordinates; `low` maps to `from`, `high` to `to`.
struct Scale {
  double low = 0, high = 1;
  double from = 0, to = 1;
  bool is_log = false;

  /// The coordinate of a value, clamped to the ends.
  double operator()(double value) const;
};

/// Round numbers (1, 2 or 5 times a power of ten apart) from `low` to `high`, about `count`; whole
/// ones if asked. low < high.
std::vector<double> ticks(double low, double high, int count, bool is_whole = false);

/// The powers of ten from `low` to `high`, both above 0; where these are few, also twice and five
/// times them; round numbers if there is no power between.
std::vector<double> log_ticks(double low, double high, int count);

/// The texts of ticks, all with the decimals of the finest: 0.5, 1.0; 10,000; 1e-05.
std::vector<std::string> tick_labels(const std::vector<double>& ticks, bool is_log);

/// Axis ends that enclose all values from `low` to `high`, rounded outward to ticks and never
/// equal.
struct Ends {
  double low, high;
};
Ends rounded_outward(double low, double high, int count);

}  // namespace snn::report
