#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/numeric/random.h"
#include "snn/train/option.h"

namespace snn {

/// The distribution of a number between min and max: uniform in the number, in its logarithm, or
/// over the integers.
enum class Distribution { kUniform, kLogUniform, kIntUniform };

struct Interval {
  Distribution distribution = Distribution::kUniform;
  double min = 0;
  double max = 0;
  bool is_whole = false;  ///< true for an option that takes integers
  double step = 0;        ///< draws are multiples of it; 0: any number
};

/// The description of an interval in a sweep's file. The names of distributions are those of W&B.
struct IntervalText {
  std::string distribution;  ///< in kebab-case; empty: the option's usual one
  double min = 0;
  double max = 0;
  std::optional<double> step = {};
};

/// True if W&B's name stands for several given values (categorical) or for one (constant).
bool is_categorical(std::string_view distribution);

/// Throws Error(kUsage) for an unsupported name of a distribution, in kebab-case.
void check_distribution(const Option& option, const std::string& name);

/// The interval for a numeric option. `note` becomes a remark for the user, or empty. Throws
/// Error(kUsage).
Interval interval_of(const Option& option, const IntervalText& text, std::string& note);

/// The first and the last multiple of its step within an interval.
std::pair<double, double> multiples_in(const Interval& interval);

/// Draws a number of the interval, with four significant digits or as a multiple of its step.
std::string draw(const Interval& interval, RandomStream random);

/// The canonical text that the option itself writes, so that 0.5 and 0.50 are the same value.
/// Throws Error(kUsage).
std::string canonical(const Option& option, const std::string& text);

}  // namespace snn
