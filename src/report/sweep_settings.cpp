#include "report/sweep_settings.h"

#include <algorithm>
#include <map>
#include <set>

#include "snn/text/text.h"
#include "text/message.h"
#include "train/metric.h"
#include "train/summary_values.h"

namespace snn::report {
namespace {

Values values_of(const std::vector<std::string>& texts) {
  Values values;
  for (const std::string& text : texts) {
    if (std::ranges::find(values.texts, text) == values.texts.end()) values.texts.push_back(text);
  }
  const auto number = [](const std::string& text) {
    double value = 0;
    return parse_real(text, value) ? std::optional(value) : std::nullopt;
  };
  const bool all_numbers =
      std::ranges::all_of(values.texts, [&](const auto& text) { return number(text).has_value(); });
  if (!all_numbers) return values;
  std::ranges::sort(values.texts, {}, [&](const auto& text) { return number(text).value_or(0); });
  for (const std::string& text : values.texts) values.numbers.push_back(number(text).value_or(0));
  return values;
}

// The differences of a setting from the baseline; without one, all its values.
std::vector<std::size_t> distinguishing(const Setting& setting,
                                        const std::vector<std::string>& baseline) {
  std::vector<std::size_t> parameters;
  for (std::size_t i = 0; i < setting.values.size(); ++i) {
    if (baseline.empty() || setting.values[i] != baseline[i]) parameters.push_back(i);
  }
  return parameters;
}

}  // namespace

std::string metric_label(const SweepFolder& sweep) {
  return title_of(sweep.metric) + (is_share(sweep.metric) ? " (%)" : "");
}

double in_unit(const SweepFolder& sweep, double value) {
  return is_share(sweep.metric) ? 100 * value : value;
}

std::string shown_metric(const SweepFolder& sweep, double value) {
  return format_fixed(value, is_share(sweep.metric) ? 2 : 4);
}

bool is_finished(const SweepRun& run) {
  return run.files && run.files->outcome() == Outcome::kFinished;
}

std::optional<double> metric_of(const SweepFolder& sweep, const SweepRun& run) {
  return is_finished(run) ? run.files->number(sweep.metric) : std::nullopt;
}

std::optional<double> seconds_of(const SweepRun& run) {
  double seconds = 0;
  for (const MetricsRow& row : run.files->rows) seconds += row.seconds.value_or(0);
  return seconds > 0 ? std::optional(seconds) : std::nullopt;
}

std::optional<double> spikes_of(const SweepRun& run) {
  if (!run.files->summary) return std::nullopt;
  const std::vector<double> neurons = summary_neurons(*run.files->summary);
  const Json rates = summary_value(*run.files->summary, "spikes_per_neuron");
  if (!rates.is_array() || rates.size() != neurons.size() || neurons.empty()) return std::nullopt;
  double spikes = 0;
  for (std::size_t i = 0; i < neurons.size(); ++i) {
    if (!rates[i].is_number()) return std::nullopt;
    spikes += neurons[i] * rates[i].get<double>();
  }
  return spikes;
}

std::vector<Setting> settings_of(const SweepFolder& sweep) {
  std::vector<Setting> settings;
  std::map<std::vector<std::string>, std::size_t> known;
  for (const SweepRun& run : sweep.runs) {
    const auto [found, is_new] = known.emplace(run.values, settings.size());
    if (is_new) settings.push_back({run.values, {}, {}});
    settings[found->second].runs.push_back(&run);
  }
  for (Setting& setting : settings) {
    std::vector<double> metrics;
    for (const SweepRun* run : setting.runs) {
      if (const auto metric = metric_of(sweep, *run)) metrics.push_back(*metric);
    }
    if (metrics.empty()) continue;
    const Spread spread = spread_of(metrics);
    setting.metric = {in_unit(sweep, spread.mean), in_unit(sweep, spread.sd)};
  }
  std::ranges::stable_sort(settings, [&](const Setting& a, const Setting& b) {
    if (!a.metric || !b.metric) return a.metric.has_value() && !b.metric.has_value();
    return sweep.is_maximized ? a.metric->mean > b.metric->mean : a.metric->mean < b.metric->mean;
  });
  return settings;
}

std::optional<double> mean_of(const SweepFolder& sweep, const Setting& setting,
                              std::optional<double> (*value)(const SweepRun&)) {
  std::vector<double> values;
  for (const SweepRun* run : setting.runs) {
    if (!metric_of(sweep, *run)) continue;
    if (const auto each = value(*run)) values.push_back(*each);
  }
  return values.empty() ? std::nullopt : std::optional(spread_of(values).mean);
}

std::size_t Values::index(const std::string& text) const {
  return static_cast<std::size_t>(std::ranges::find(texts, text) - texts.begin());
}

Values values_of(const SweepFolder& sweep, std::size_t parameter) {
  std::vector<std::string> texts;
  for (const SweepRun& run : sweep.runs) texts.push_back(run.values[parameter]);
  return values_of(texts);
}

std::vector<std::string> baseline_of(const SweepFolder& sweep) {
  std::set<std::vector<std::string>> settings;
  for (const SweepRun& run : sweep.runs) settings.insert(run.values);
  std::size_t combinations = 1;
  std::vector<std::string> baseline;
  for (std::size_t i = 0; i < sweep.parameters.size(); ++i) {
    std::map<std::string, std::size_t> count;
    for (const SweepRun& run : sweep.runs) ++count[run.values[i]];
    combinations *= count.size();
    baseline.push_back(
        std::ranges::max_element(count, {}, [](const auto& each) { return each.second; })->first);
  }
  if (sweep.method != "grid" || settings.size() == combinations) return {};
  return baseline;
}

bool is_comparable(const std::vector<std::string>& values, const std::vector<std::string>& baseline,
                   std::initializer_list<std::size_t> shown) {
  for (std::size_t i = 0; i < baseline.size(); ++i) {
    const bool is_shown = std::ranges::find(shown, i) != shown.end();
    if (!is_shown && values[i] != baseline[i]) return false;
  }
  return true;
}

Values comparable_values(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                         std::size_t parameter, std::initializer_list<std::size_t> shown) {
  std::vector<std::string> texts;
  for (const SweepRun& run : sweep.runs) {
    if (is_comparable(run.values, baseline, shown)) texts.push_back(run.values[parameter]);
  }
  return values_of(texts);
}

std::string long_name(const SweepFolder& sweep, const Setting& setting,
                      const std::vector<std::string>& baseline) {
  std::vector<std::string> parts;
  for (const std::size_t i : distinguishing(setting, baseline)) {
    parts.push_back(sweep.parameters[i] + " " + setting.values[i]);
  }
  return parts.empty() ? "baseline" : join(parts, ", ");
}

std::string short_name(const SweepFolder& sweep, const Setting& setting,
                       const std::vector<std::string>& baseline) {
  const auto parameters = distinguishing(setting, baseline);
  if (!baseline.empty() && parameters.size() < 2) return long_name(sweep, setting, baseline);
  std::vector<std::string> values;
  for (const std::size_t i : parameters) values.push_back(setting.values[i]);
  return join(values, ", ");
}

}  // namespace snn::report
