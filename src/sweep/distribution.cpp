#include "sweep/distribution.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn {
namespace {

Error usage(const std::string& problem) { return Error(ExitCode::kUsage, problem); }

struct Named {
  std::string_view name;
  Distribution distribution;
  bool is_of_exponents = false;  // true if min and max are logarithms
  bool has_step = false;         // true if q applies, which defaults to 1 as in W&B
};

constexpr Named kDistributions[] = {
    {"uniform", Distribution::kUniform},
    {"q-uniform", Distribution::kUniform, false, true},
    {"int-uniform", Distribution::kIntUniform},
    {"log-uniform-values", Distribution::kLogUniform},
    {"q-log-uniform-values", Distribution::kLogUniform, false, true},
    {"log-uniform", Distribution::kLogUniform, true},
    {"q-log-uniform", Distribution::kLogUniform, true, true},
};

Named named(const Option& option, const std::string& name) {
  if (name.empty()) {
    return option.is_integer ? Named{"int-uniform", Distribution::kIntUniform}
                             : Named{"uniform", Distribution::kUniform};
  }
  const auto known = std::ranges::find(kDistributions, name, &Named::name);
  if (known != std::end(kDistributions)) return *known;
  std::vector<std::string> names = {"constant", "categorical"};
  for (const Named& each : kDistributions) names.emplace_back(each.name);
  for (std::string& each : names) each = with_underscores(each);
  const std::string found = with_underscores(name);
  throw usage(option.name + ": distribution: expected " + one_of(names) + ", found " +
              quote(found) + did_you_mean(found, names));
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// log_uniform takes logarithms as min and max; most users who write it mean log_uniform_values.
void take_exponents(const Option& option, Interval& interval, std::string& note) {
  const double low = interval.min, high = interval.max;
  interval.min = std::exp(low);
  interval.max = std::exp(high);
  if (option.is_integer) {
    interval.min = std::ceil(interval.min);
    interval.max = std::floor(interval.max);
  }
  const std::string what = option.name + ": log_uniform draws from exp(" + format_real(low) +
                           ") = " + shown(interval.min) + " to exp(" + format_real(high) +
                           ") = " + shown(interval.max);
  const auto is_possible = [&](double end) {
    Config config;
    return std::isfinite(end) && option.parse(config, format_real(end)).empty();
  };
  const bool is_share = low > 0 && high <= 1;  // surely not meant as the logarithms of 1 to 2.7
  if (is_share || !is_possible(interval.min) || !is_possible(interval.max)) {
    throw usage(what + "; to draw from " + format_real(low) + " to " + format_real(high) +
                ", use log_uniform_values");
  }
  note = what;
}

void check_ends(const Option& option, const Interval& interval) {
  const bool draws_whole = option.is_integer || interval.distribution == Distribution::kIntUniform;
  const auto [low, high] = multiples_in(interval);
  if (low > high) {
    throw usage(option.name + ": no multiple of q = " + format_real(interval.step) +
                " lies between min and max");
  }
  for (const double end : {low, high}) {
    if (draws_whole && (end != std::floor(end) || std::abs(end) > 1e9)) {
      throw usage(option.name + ": expected whole numbers, found " + format_real(end));
    }
    canonical(option, format_real(end));
  }
}

// Rounds `value` to four significant digits, which suffice for a search and can be read.
double rounded(double value, const Interval& interval) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3e", value);
  double result = value;
  parse_real(text, result);
  return std::clamp(result, interval.min, interval.max);
}

// The nearest multiple of the interval's step, without the digits that rounding errors add: 0.15,
// not 0.15000000000000002.
double nearest_multiple(double value, const Interval& interval) {
  const auto [low, high] = multiples_in(interval);
  const double multiple = std::clamp(std::round(value / interval.step) * interval.step, low, high);
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", multiple);
  double result = multiple;
  parse_real(text, result);
  return result;
}

// Uniform in [0, 1), with all digits of a double.
double uniform(RandomStream& random) {
  const std::uint64_t high = random.bits() >> 5, low = random.bits() >> 6;
  return (static_cast<double>(high) * 0x1p26 + static_cast<double>(low)) * 0x1p-53;
}

}  // namespace

bool is_categorical(std::string_view distribution) {
  return distribution == "categorical" || distribution == "constant";
}

void check_distribution(const Option& option, const std::string& name) {
  if (!is_categorical(name)) named(option, name);
}

std::pair<double, double> multiples_in(const Interval& interval) {
  const double step = interval.step;
  if (step == 0) return {interval.min, interval.max};
  // The slack is needed because 0.3 / 0.1 is slightly less than 3.
  constexpr double kSlack = 1e-9;
  return {std::ceil(interval.min / step - kSlack) * step,
          std::floor(interval.max / step + kSlack) * step};
}

std::string canonical(const Option& option, const std::string& text) {
  Config config;
  const std::string problem = option.parse(config, text);
  if (!problem.empty()) throw usage(option.name + ": " + problem);
  return option.format(config);
}

Interval interval_of(const Option& option, const IntervalText& text, std::string& note) {
  if (!option.is_number) throw usage(option.name + ": not a numeric option; list its values");
  const Named kind = named(option, text.distribution);
  Interval interval{kind.distribution, text.min, text.max};
  interval.is_whole = option.is_integer;
  if (kind.has_step) interval.step = text.step.value_or(1);
  if (text.step && !kind.has_step) {
    throw usage(option.name +
                ": q is only valid with q_uniform, q_log_uniform and q_log_uniform_values");
  }
  if (kind.has_step && !(interval.step > 0)) {
    throw usage(option.name + ": q: expected a number > 0, found " + format_real(interval.step));
  }
  if (option.is_integer && interval.step != std::floor(interval.step)) {
    throw usage(option.name + ": q: expected a whole number, found " + format_real(interval.step));
  }
  if (option.is_integer && kind.name == "uniform") {
    throw usage(option.name + ": takes whole numbers; use int_uniform");
  }
  if (!(text.min < text.max)) {
    throw usage(option.name + ": expected min < max, found " + format_real(text.min) + " and " +
                format_real(text.max));
  }
  if (kind.is_of_exponents) {
    take_exponents(option, interval, note);
  } else if (kind.distribution == Distribution::kLogUniform && text.min <= 0) {
    throw usage(option.name + ": " + text.distribution + ": expected min > 0, found " +
                format_real(text.min));
  }
  check_ends(option, interval);
  return interval;
}

std::string draw(const Interval& interval, RandomStream random) {
  const double min = interval.min, max = interval.max;
  switch (interval.distribution) {
    case Distribution::kIntUniform:
      return format_real(min + random.below(static_cast<std::uint32_t>(max - min) + 1));
    case Distribution::kLogUniform: {
      const double log = std::log(min) + uniform(random) * (std::log(max) - std::log(min));
      const double value = std::exp(log);
      if (interval.step > 0) return format_real(nearest_multiple(value, interval));
      return format_real(interval.is_whole ? std::clamp(std::round(value), min, max)
                                           : rounded(value, interval));
    }
    case Distribution::kUniform:
      break;
  }
  const double value = min + uniform(random) * (max - min);
  return format_real(interval.step > 0 ? nearest_multiple(value, interval)
                                       : rounded(value, interval));
}

}  // namespace snn
