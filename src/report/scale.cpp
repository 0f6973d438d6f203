#include "report/scale.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "text/message.h"

namespace snn::report {
namespace {

// The distance of ticks: 1, 2 or 5 times a power of ten.
double step_of(double range, int count, bool is_whole) {
  const double raw = range / std::max(1, count);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double times = raw / power;
  const double step = power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
  return is_whole ? std::max(1.0, std::round(step)) : step;
}

int decimals_of(double value) {
  for (int decimals = 0; decimals < 12; ++decimals) {
    const double scaled = value * std::pow(10, decimals);
    if (std::abs(scaled - std::round(scaled)) < 1e-6 * std::max(1.0, std::abs(scaled))) {
      return decimals;
    }
  }
  return 12;
}

// 12345.5 -> 12,345.5
std::string with_commas(std::string text) {
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t end = std::min(text.find('.'), text.size());
  while (end > first + 3) {
    end -= 3;
    text.insert(end, ",");
  }
  return text;
}

std::string label(double value, int decimals) {
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-4 || size >= 1e7)) {
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            std::chars_format::scientific);
    if (error == std::errc()) return std::string(buffer.data(), end);
  }
  return with_commas(format_fixed(value == 0 ? 0.0 : value, decimals));
}

}  // namespace

double Scale::operator()(double value) const {
  const double inside = std::clamp(value, low, high);
  const double share =
      is_log ? std::log(inside / low) / std::log(high / low) : (inside - low) / (high - low);
  return from + share * (to - from);
}

std::vector<double> ticks(double low, double high, int count, bool is_whole) {
  const double step = step_of(high - low, count, is_whole);
  const double slack = 1e-6;  // an end that is a tick up to rounding
  std::vector<double> values;
  for (double i = std::ceil(low / step - slack); i <= std::floor(high / step + slack); ++i) {
    values.push_back(i * step);
  }
  return values;
}

std::vector<double> log_ticks(double low, double high, int count) {
  const double decades = std::log10(high / low);
  const std::vector<double> factors = decades > count        ? std::vector<double>{1}
                                      : decades > count / 2. ? std::vector<double>{1, 3}
                                                             : std::vector<double>{1, 2, 5};
  // For many decades even the powers of ten are too dense: every second, third…
  const double stride = std::max(1.0, std::ceil(decades / count));
  std::vector<double> values;
  for (double power = std::floor(std::log10(low)); power <= std::log10(high); power += stride) {
    for (const double factor : factors) {
      const double value = factor * std::pow(10, power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push_back(value);
    }
  }
  return values.size() > 1 ? values : ticks(low, high, count);
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks, bool is_log) {
  int finest = 0;
  for (const double tick : ticks) finest = std::max(finest, decimals_of(tick));
  std::vector<std::string> labels;
  for (const double tick : ticks)
    labels.push_back(label(tick, is_log ? decimals_of(tick) : finest));
  return labels;
}

Ends rounded_outward(double low, double high, int count) {
  // Equal up to rounding, at the resolution of ticks.
  const double least = std::max(std::abs(low), std::abs(high)) * 1e-9;
  if (high - low <= least) {
    const double pad = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= pad;
    high += pad;
  }
  const double step = step_of(high - low, count, false);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step};
}

}  // namespace snn::report
