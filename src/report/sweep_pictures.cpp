#include "report/sweep_pictures.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "report/curves.h"
#include "report/parallel.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::report {
namespace {

bool spans_decades(const std::vector<double>& numbers) {
  const auto [least, most] = std::ranges::minmax(numbers);
  return least > 0 && most >= 30 * least;
}

// ---- learning curves

// The metrics whose learning curves match the sweep's metric: of validation or test samples.
std::vector<Metric> learned(const SweepFolder& sweep) {
  if (sweep.metric.starts_with("validation")) {
    return {metric::kValidationAccuracy, metric::kValidationLoss};
  }
  return {metric::kTestAccuracy, metric::kTestLoss};
}

// The largest number of distinguishable curves; more are shown as a band.
constexpr std::size_t kMostCurves = 12;

// The curves of one value of a parameter, and their mean.
Chart small_chart(const std::vector<Series>& curves, const std::string& title) {
  std::vector<Series> series;
  if (curves.size() <= kMostCurves) {
    for (Series curve : curves) {
      curve.is_thin = curves.size() > 1;
      series.push_back(std::move(curve));
    }
  }
  if (curves.size() > 1) {
    Series mean = mean_curve(curves);
    if (curves.size() <= kMostCurves) mean.spread.clear();
    // A single point would look like a separate curve.
    if (mean.points.size() > 1) series.push_back(std::move(mean));
  }
  Chart chart = epoch_chart("", {}, std::move(series));
  chart.width = kChartWidth / 2 - 6;
  chart.x.label.clear();
  chart.panels[0].title = title;
  chart.panels[0].height = 96;
  return chart;
}

// Gives all charts common axes that fit the curves of all.
void share_axes(std::vector<Chart>& charts, bool is_accuracy) {
  std::vector<Series> all;
  for (const Chart& chart : charts) {
    for (const Series& series : chart.panels[0].series) {
      Series edges = series;
      for (std::size_t i = 0; i < series.spread.size(); ++i) {
        const Point& at = series.points[i];
        for (const double sign : {-1, 1})
          edges.points.push_back({at.x, at.y + sign * series.spread[i]});
      }
      all.push_back(std::move(edges));
    }
  }
  const Chart whole = is_accuracy ? accuracy_chart("", all) : loss_chart("", all);
  Axis y = whole.panels[0].y;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Series& series : all) {
    for (const Point& point : series.points) {
      if (y.is_log && point.y <= 0) continue;
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  y.label.clear();
  if (low < high) {
    const double pad = y.is_log ? 0 : (high - low) * 0.05;
    y.low = low - pad;
    y.high = high + pad;
  }
  for (Chart& chart : charts) {
    chart.panels[0].y = y;
    chart.x.high = whole.x.high;
  }
}

// One chart per value of a parameter, on equal axes.
std::optional<Drawing> draw_multiples(const SweepFolder& sweep,
                                      const std::vector<std::string>& baseline,
                                      std::size_t parameter, const Metric& what) {
  const Values values = comparable_values(sweep, baseline, parameter, {parameter});
  if (values.texts.size() < 2 || values.texts.size() > kMostValues) return std::nullopt;
  std::vector<Chart> charts;
  std::size_t most = 0;
  for (const std::string& value : values.texts) {
    std::vector<Series> curves;
    for (const SweepRun& run : sweep.runs) {
      if (run.values[parameter] != value || !is_finished(run)) continue;
      if (!is_comparable(run.values, baseline, {parameter})) continue;
      Series series = curve("", run.files->rows, shown(what), 0);
      if (!series.points.empty()) curves.push_back(std::move(series));
    }
    most = std::max(most, curves.size());
    charts.push_back(small_chart(curves, sweep.parameters[parameter] + " " + value));
  }
  if (most == 0) return std::nullopt;
  share_axes(charts, what.unit == Unit::kShare);
  const bool is_log = charts[0].panels[0].y.is_log;
  const std::string title = title_of(what.key) + " by " + sweep.parameters[parameter];
  const std::string note = "over epochs" + std::string(what.unit == Unit::kShare ? ", in %" : "") +
                           (is_log ? ", logarithmic" : "") +
                           (most > kMostCurves ? "; mean ± sd of runs" : "; runs and mean");
  std::vector<Drawing> rows = {
      {"", kChartWidth, 40, text(0, 13, title, "title") + text(0, 30, note, "muted")}};
  for (std::size_t i = 0; i < charts.size(); i += 2) {
    Drawing left = draw(charts[i]);
    left.width += 12;
    rows.push_back(i + 1 < charts.size() ? beside("", {left, draw(charts[i + 1])}) : left);
  }
  return stacked(title, rows);
}

// ---- the metric over parameters

// The metric over the values of a parameter with too many values for one chart each.
std::optional<Drawing> draw_range(const SweepFolder& sweep, const std::vector<Setting>& settings,
                                  std::size_t parameter) {
  const Values values = values_of(sweep, parameter);
  if (!values.is_ranged()) return std::nullopt;
  Series dots;
  dots.style = Style::kPoints;
  for (const Setting& setting : settings) {
    if (!setting.metric) continue;
    dots.points.push_back(
        {values.numbers[values.index(setting.values[parameter])], setting.metric->mean});
  }
  Chart chart;
  chart.title = metric_label(sweep) + " by " + sweep.parameters[parameter];
  chart.x.label = sweep.parameters[parameter];
  chart.x.is_log = spans_decades(values.numbers);
  Panel panel;
  panel.series = {dots};
  chart.panels.push_back(std::move(panel));
  return draw(chart);
}

// The mean metric for each pair of values of two parameters.
std::optional<Drawing> draw_heat_map(const SweepFolder& sweep,
                                     const std::vector<std::string>& baseline,
                                     const std::vector<Setting>& settings, std::size_t row,
                                     std::size_t column) {
  const Values rows = comparable_values(sweep, baseline, row, {row, column});
  const Values columns = comparable_values(sweep, baseline, column, {row, column});
  for (const Values* values : {&rows, &columns}) {
    if (values->texts.size() < 2 || values->texts.size() > kMostValues) return std::nullopt;
  }
  std::set<std::pair<std::string, std::string>> planned;
  for (const Setting& setting : settings) {
    if (!is_comparable(setting.values, baseline, {row, column})) continue;
    planned.emplace(setting.values[row], setting.values[column]);
  }
  // Varying one parameter at a time gives a cross, not a map.
  if (planned.size() < rows.texts.size() + columns.texts.size()) return std::nullopt;
  std::vector<std::vector<std::vector<double>>> metrics(
      rows.texts.size(), std::vector<std::vector<double>>(columns.texts.size()));
  for (const Setting& setting : settings) {
    if (!setting.metric || !is_comparable(setting.values, baseline, {row, column})) continue;
    metrics[rows.index(setting.values[row])][columns.index(setting.values[column])].push_back(
        setting.metric->mean);
  }
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const auto& line : metrics) {
    for (const auto& cell : line) {
      if (cell.empty()) continue;
      low = std::min(low, spread_of(cell).mean);
      high = std::max(high, spread_of(cell).mean);
    }
  }
  const bool is_mean = sweep.parameters.size() > 2 && baseline.empty();
  const std::string more = is_mean ? ", mean over the rest" : "";
  HeatMap map;
  map.title = metric_label(sweep) + more;
  map.row_label = sweep.parameters[row];
  map.column_label = sweep.parameters[column];
  map.rows = rows.texts;
  map.columns = columns.texts;
  if (low > high) return std::nullopt;
  for (const auto& line : metrics) {
    auto& cells = map.cells.emplace_back();
    for (const auto& cell : line) {
      if (cell.empty()) {
        cells.emplace_back();
        continue;
      }
      const double mean = spread_of(cell).mean;
      const double share = high > low ? (mean - low) / (high - low) : 0.5;
      const double shade = sweep.is_maximized ? share : 1 - share;
      cells.push_back(Cell{0.05 + 0.95 * shade, shown_metric(sweep, mean)});
    }
  }
  return draw(map);
}

// One dot per setting, coloured by the first parameter.
std::optional<Drawing> draw_against(const SweepFolder& sweep,
                                    const std::vector<std::string>& baseline,
                                    const std::vector<Setting>& settings, const std::string& title,
                                    const std::string& label,
                                    std::optional<double> (*value)(const SweepRun&)) {
  Panel panel;
  panel.y.label =
      metric_label(sweep) + (baseline.empty() ? " of " + join(sweep.parameters, ", ")
                                              : ", labelled by the difference from the baseline");
  panel.height = 220;
  std::vector<double> all;
  for (const Setting& setting : settings) {
    const auto x = mean_of(sweep, setting, value);
    if (!setting.metric || !x) continue;
    Series dot;
    dot.name = short_name(sweep, setting, baseline);
    dot.points = {{*x, setting.metric->mean}};
    dot.style = Style::kPoints;
    if (!setting.values.empty() && !values_of(sweep, 0).is_ranged()) {
      dot.color = static_cast<int>(values_of(sweep, 0).index(setting.values[0]));
    }
    all.push_back(*x);
    panel.series.push_back(std::move(dot));
  }
  if (all.size() < 2) return std::nullopt;
  Chart chart;
  chart.title = title;
  chart.x.label = label;
  chart.x.is_log = spans_decades(all);
  chart.panels.push_back(std::move(panel));
  return draw(chart);
}

// The position of a number between minimum and maximum.
double position(double value, const std::vector<double>& all, bool is_log) {
  const auto [least, most] = std::ranges::minmax(all);
  if (least == most) return 0.5;
  return is_log ? std::log(value / least) / std::log(most / least)
                : (value - least) / (most - least);
}

ParallelAxis parameter_axis(const std::string& name, const Values& values) {
  ParallelAxis axis{name, {}};
  const auto count = static_cast<double>(values.texts.size());
  for (std::size_t i = 0; i < values.texts.size(); ++i) {
    const bool is_end = i == 0 || i + 1 == values.texts.size();
    if (values.is_ranged() && !is_end) continue;
    const double at = values.is_ranged() ? (i == 0 ? 0 : 1)
                                         : (count > 1 ? static_cast<double>(i) / (count - 1) : 0.5);
    axis.labels.emplace_back(at, values.texts[i]);
  }
  return axis;
}

std::optional<Drawing> draw_parallel(const SweepFolder& sweep,
                                     const std::vector<Setting>& settings) {
  std::vector<double> metrics;
  for (const Setting& setting : settings) {
    if (setting.metric) metrics.push_back(setting.metric->mean);
  }
  if (sweep.parameters.size() < 3 || metrics.size() < 2) return std::nullopt;
  const auto [least, most] = std::ranges::minmax(metrics);
  const double best = sweep.is_maximized ? most : least;

  ParallelChart chart;
  chart.title = "Settings, the best in orange";
  std::vector<Values> values;
  for (std::size_t i = 0; i < sweep.parameters.size(); ++i) {
    values.push_back(values_of(sweep, i));
    chart.axes.push_back(parameter_axis(sweep.parameters[i], values.back()));
  }
  chart.axes.push_back(
      {metric_label(sweep), {{0, shown_metric(sweep, least)}, {1, shown_metric(sweep, most)}}});
  for (const Setting& setting : settings) {
    if (!setting.metric) continue;
    ParallelLine line;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t at = values[i].index(setting.values[i]);
      const double last = static_cast<double>(values[i].texts.size()) - 1;
      line.at.push_back(values[i].is_ranged() ? position(values[i].numbers[at], values[i].numbers,
                                                         spans_decades(values[i].numbers))
                                              : (last > 0 ? static_cast<double>(at) / last : 0.5));
    }
    line.at.push_back(position(setting.metric->mean, metrics, false));
    // By rank, since most good settings have similar values.
    const auto rank = static_cast<double>(chart.lines.size());
    line.share = 1 - rank / static_cast<double>(metrics.size());
    line.name = long_name(sweep, setting) + ": " + shown_metric(sweep, setting.metric->mean);
    line.is_best = setting.metric->mean == best;
    chart.lines.push_back(std::move(line));
  }
  return draw(chart);
}

// The name of a picture's file.
std::string file_name(const std::string& what, const std::string& more) {
  std::string name = what + "-" + more;
  std::ranges::replace(name, ' ', '-');
  return name;
}

}  // namespace

std::vector<Picture> sweep_pictures(const SweepFolder& sweep,
                                    const std::vector<std::string>& baseline,
                                    const std::vector<Setting>& settings) {
  std::vector<Picture> pictures;
  const auto add = [&](const std::string& name, std::optional<Drawing> drawing) {
    if (drawing) pictures.push_back({name, std::move(*drawing)});
  };
  const std::size_t count = sweep.parameters.size();
  for (std::size_t i = 0; i < count; ++i) {
    for (const Metric& what : learned(sweep)) {
      add(file_name(title_of(what.key), sweep.parameters[i]),
          draw_multiples(sweep, baseline, i, what));
    }
    add(file_name("range", sweep.parameters[i]), draw_range(sweep, settings, i));
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = i + 1; k < count && (count <= 4 || !baseline.empty()); ++k) {
      add(file_name("heat", sweep.parameters[i] + "-" + sweep.parameters[k]),
          draw_heat_map(sweep, baseline, settings, i, k));
    }
  }
  const std::string label = metric_label(sweep);
  add("time", draw_against(sweep, baseline, settings, "Against training time", "training time (s)",
                           seconds_of));
  add("spikes",
      draw_against(sweep, baseline, settings, "Against spikes", "spikes per image", spikes_of));
  add("parallel", draw_parallel(sweep, settings));
  return pictures;
}

}  // namespace snn::report
