#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "numeric/spread.h"
#include "report/sweep.h"

namespace snn::report {

/// Parameters with more values are drawn as a number line, not value by value.
inline constexpr std::size_t kMostValues = 8;

/// The sweep's metric as a label: "test accuracy (%)".
std::string metric_label(const SweepFolder& sweep);
/// A value of the metric in the unit of its label.
double in_unit(const SweepFolder& sweep, double value);
/// The same as text with its significant digits; `value` is in the unit of the label.
std::string shown_metric(const SweepFolder& sweep, double value);

bool is_finished(const SweepRun& run);
/// The metric of a finished run, if it has one.
std::optional<double> metric_of(const SweepFolder& sweep, const SweepRun& run);
/// Training time, if known; the run must have files.
std::optional<double> seconds_of(const SweepRun& run);
/// Spikes of all neurons together per sample; the run must have a summary.
std::optional<double> spikes_of(const SweepRun& run);

/// Runs that differ only in their seeds.
struct Setting {
  std::vector<std::string> values;  ///< of the sweep's parameters
  std::vector<const SweepRun*> runs;
  std::optional<Spread> metric;  ///< over the runs that have it, in the unit of its label
};
/// The settings, best first; those without a result at the end.
std::vector<Setting> settings_of(const SweepFolder& sweep);
/// The mean over a setting's finished runs, if there are any.
std::optional<double> mean_of(const SweepFolder& sweep, const Setting& setting,
                              std::optional<double> (*value)(const SweepRun&));

/// The distinct values of a parameter: numbers by size, others in the plan's order.
struct Values {
  std::vector<std::string> texts;
  std::vector<double> numbers;  ///< empty unless every value is a number

  std::size_t index(const std::string& text) const;
  bool is_ranged() const { return texts.size() > kMostValues && !numbers.empty(); }
};
Values values_of(const SweepFolder& sweep, std::size_t parameter);

/// The most frequent value of each parameter in a sweep that varies some parameters at a time
/// instead of combining each value with each; empty for other sweeps.
std::vector<std::string> baseline_of(const SweepFolder& sweep);
/// True if a picture of the parameters `shown` may show a run: with a baseline, all its other
/// values must be those of the baseline.
bool is_comparable(const std::vector<std::string>& values, const std::vector<std::string>& baseline,
                   std::initializer_list<std::size_t> shown);
/// The values of a parameter among the runs that a picture of the parameters `shown` may show.
Values comparable_values(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                         std::size_t parameter, std::initializer_list<std::size_t> shown);

/// "beta 0.9, hidden 800,400": the differences from the baseline, or all values without one.
std::string long_name(const SweepFolder& sweep, const Setting& setting,
                      const std::vector<std::string>& baseline = {});
/// "0.9, 800,400" if the context shows the parameters.
std::string short_name(const SweepFolder& sweep, const Setting& setting,
                       const std::vector<std::string>& baseline);

}  // namespace snn::report
