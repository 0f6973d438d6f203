#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snn/numeric/random.h"
#include "snn/train/option.h"

namespace snn {

/// How a number between min and max is drawn: each as likely, or each order of magnitude, or each
/// whole number.
enum class Distribution { kUniform, kLogUniform, kIntUniform };

struct Interval {
  Distribution distribution = Distribution::kUniform;
  double min = 0;
  double max = 0;
  bool is_whole = false;  ///< for an option that takes whole numbers
  double step = 0;        ///< what is drawn is a multiple of it; 0: any number
};

/// What a sweep's file says of an interval. The names of distributions are those of W&B.
struct IntervalText {
  std::string distribution;  ///< in kebab-case; empty: as the option has it
  double min = 0;
  double max = 0;
  std::optional<double> step = {};
};

/// Whether W&B's name is one of several given values (categorical) or of one (constant).
bool is_categorical(std::string_view distribution);

/// Throws Error(kUsage) for a name of a distribution, in kebab-case, that is not offered.
void check_distribution(const Option& option, const std::string& name);

/// The interval for an option of numbers. `note` is what a person should know of it, or empty.
/// Throws Error(kUsage).
Interval interval_of(const Option& option, const IntervalText& text, std::string& note);

/// The multiples of its step that an interval holds go from one number to another.
std::pair<double, double> multiples_in(const Interval& interval);

/// A number of the interval, with four significant digits or as a multiple of its step.
std::string draw(const Interval& interval, RandomStream random);

/// The text as the option itself writes it, so that 0.5 and 0.50 are one value. Throws
/// Error(kUsage).
std::string canonical(const Option& option, const std::string& text);

}  // namespace snn
