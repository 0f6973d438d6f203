#include "report/sweep_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "numeric/spread.h"
#include "report/curves.h"
#include "report/parallel.h"
#include "snn/text/text.h"
#include "text/message.h"

namespace snn::report {
namespace {

namespace fs = std::filesystem;

// More different values than these are drawn as a number line, not one by one.
constexpr std::size_t kMostValues = 8;

// ---- the sweep's numbers

bool is_percentage(const std::string& metric) {
  return metric.ends_with("accuracy") || metric.ends_with("fraction");
}

// "test accuracy (%)"
std::string metric_label(const SweepFolder& sweep) {
  std::string label = sweep.metric;
  std::ranges::replace(label, '_', ' ');
  return label + (is_percentage(sweep.metric) ? " (%)" : "");
}

double in_unit(const SweepFolder& sweep, double value) {
  return is_percentage(sweep.metric) ? 100 * value : value;
}

std::string shown_metric(const SweepFolder& sweep, double value) {
  return format_fixed(value, is_percentage(sweep.metric) ? 2 : 4);
}

bool is_finished(const SweepRun& run) { return run.files && run.files->outcome() == "finished"; }

// The metric of a run that has one.
std::optional<double> metric_of(const SweepFolder& sweep, const SweepRun& run) {
  return is_finished(run) ? run.files->number(sweep.metric) : std::nullopt;
}

std::optional<double> seconds_of(const SweepRun& run) {
  double seconds = 0;
  for (const MetricsRow& row : run.files->rows) seconds += row.seconds.value_or(0);
  return seconds > 0 ? std::optional(seconds) : std::nullopt;
}

// Those of all neurons together, by the widths in "784-500-10".
std::optional<double> spikes_of(const SweepRun& run) {
  try {
    const auto rates = run.files->summary->at("spikes_per_neuron").get<std::vector<double>>();
    const auto widths = split(run.files->summary->at("network").get<std::string>(), '-');
    if (widths.size() != rates.size() + 1) return std::nullopt;
    double spikes = 0;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      double width = 0;
      if (!parse_real(widths[i + 1], width)) return std::nullopt;
      spikes += width * rates[i];
    }
    return spikes;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

// ---- settings: the runs that differ by their seed alone

struct Setting {
  std::vector<std::string> values;
  std::vector<const SweepRun*> runs;
  std::optional<Spread> metric;  // of the runs that have it, in the unit of its label
};

// The best first; those without a result at the end.
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

// The mean over a setting's finished runs, if there is one.
std::optional<double> mean_of(const SweepFolder& sweep, const Setting& setting,
                              std::optional<double> (*value)(const SweepRun&)) {
  std::vector<double> values;
  for (const SweepRun* run : setting.runs) {
    if (!metric_of(sweep, *run)) continue;
    if (const auto each = value(*run)) values.push_back(*each);
  }
  return values.empty() ? std::nullopt : std::optional(spread_of(values).mean);
}

// ---- parameters

// The different values of a parameter: numbers by size, others in the plan's order.
struct Values {
  std::vector<std::string> texts;
  std::vector<double> numbers;  // empty if one of them is no number

  std::size_t index(const std::string& text) const {
    return static_cast<std::size_t>(std::ranges::find(texts, text) - texts.begin());
  }
  bool is_ranged() const { return texts.size() > kMostValues && !numbers.empty(); }
};

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

Values values_of(const SweepFolder& sweep, std::size_t parameter) {
  std::vector<std::string> texts;
  for (const SweepRun& run : sweep.runs) texts.push_back(run.values[parameter]);
  return values_of(texts);
}

// The value of each parameter that most runs have, in a sweep that does not combine each value with
// each, but changes some at a time; empty for other sweeps.
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

// Whether a run belongs into a picture of some parameters: where there is a baseline, only if the
// others have it.
bool is_comparable(const std::vector<std::string>& values, const std::vector<std::string>& baseline,
                   std::initializer_list<std::size_t> shown) {
  for (std::size_t i = 0; i < baseline.size(); ++i) {
    const bool is_shown = std::ranges::find(shown, i) != shown.end();
    if (!is_shown && values[i] != baseline[i]) return false;
  }
  return true;
}

// The values of a parameter among the runs that a picture of some parameters shows.
Values comparable_values(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                         std::size_t parameter, std::initializer_list<std::size_t> shown) {
  std::vector<std::string> texts;
  for (const SweepRun& run : sweep.runs) {
    if (is_comparable(run.values, baseline, shown)) texts.push_back(run.values[parameter]);
  }
  return values_of(texts);
}

// What tells a setting from the baseline; without one, all its values.
std::vector<std::size_t> distinguishing(const Setting& setting,
                                        const std::vector<std::string>& baseline) {
  std::vector<std::size_t> parameters;
  for (std::size_t i = 0; i < setting.values.size(); ++i) {
    if (baseline.empty() || setting.values[i] != baseline[i]) parameters.push_back(i);
  }
  return parameters;
}

// "beta 0.9, hidden 800,400"
std::string long_name(const SweepFolder& sweep, const Setting& setting,
                      const std::vector<std::string>& baseline = {}) {
  std::vector<std::string> parts;
  for (const std::size_t i : distinguishing(setting, baseline)) {
    parts.push_back(sweep.parameters[i] + " " + setting.values[i]);
  }
  return parts.empty() ? "baseline" : join(parts, ", ");
}

// "0.9, 800,400" where the parameters are plain to see: all of them, or several of few.
std::string short_name(const SweepFolder& sweep, const Setting& setting,
                       const std::vector<std::string>& baseline) {
  const auto parameters = distinguishing(setting, baseline);
  if (!baseline.empty() && parameters.size() < 2) return long_name(sweep, setting, baseline);
  std::vector<std::string> values;
  for (const std::size_t i : parameters) values.push_back(setting.values[i]);
  return join(values, ", ");
}

bool spans_decades(const std::vector<double>& numbers) {
  const auto [least, most] = std::ranges::minmax(numbers);
  return least > 0 && most >= 30 * least;
}

// ---- learning curves

// What is learned, as the metric has it: by validation or by test images.
struct Learned {
  std::string name;
  Value value;
  bool is_accuracy;
};

std::vector<Learned> learned(const SweepFolder& sweep) {
  if (sweep.metric.starts_with("validation")) {
    return {{"validation accuracy", validation_accuracy, true},
            {"validation loss", validation_loss, false}};
  }
  return {{"test accuracy", test_accuracy, true}, {"test loss", test_loss, false}};
}

// So many curves can still be told apart; more are shown as a band.
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
    // By itself a point looks like a curve of its own.
    if (mean.points.size() > 1) series.push_back(std::move(mean));
  }
  Chart chart = epoch_chart("", {}, std::move(series));
  chart.width = kChartWidth / 2 - 6;
  chart.x.label.clear();
  chart.panels[0].title = title;
  chart.panels[0].height = 96;
  return chart;
}

// Gives all charts the axes that hold the curves of each.
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

// A chart for each value of a parameter, on equal axes.
std::optional<Drawing> draw_multiples(const SweepFolder& sweep,
                                      const std::vector<std::string>& baseline,
                                      std::size_t parameter, const Learned& what) {
  const Values values = comparable_values(sweep, baseline, parameter, {parameter});
  if (values.texts.size() < 2 || values.texts.size() > kMostValues) return std::nullopt;
  std::vector<Chart> charts;
  std::size_t most = 0;
  for (const std::string& value : values.texts) {
    std::vector<Series> curves;
    for (const SweepRun& run : sweep.runs) {
      if (run.values[parameter] != value || !is_finished(run)) continue;
      if (!is_comparable(run.values, baseline, {parameter})) continue;
      Series series = curve("", run.files->rows, what.value, 0);
      if (!series.points.empty()) curves.push_back(std::move(series));
    }
    most = std::max(most, curves.size());
    charts.push_back(small_chart(curves, sweep.parameters[parameter] + " " + value));
  }
  if (most == 0) return std::nullopt;
  share_axes(charts, what.is_accuracy);
  const bool is_log = charts[0].panels[0].y.is_log;
  const std::string title = what.name + " by " + sweep.parameters[parameter];
  const std::string note = "over epochs" + std::string(what.is_accuracy ? ", in %" : "") +
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

// The metric over the values of a parameter that has too many for a chart of each.
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
  // One thing at a time makes a cross, no map.
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

// A dot for each setting; the first parameter gives the colour.
std::optional<Drawing> draw_against(const SweepFolder& sweep,
                                    const std::vector<std::string>& baseline,
                                    const std::vector<Setting>& settings, const std::string& title,
                                    const std::string& label,
                                    std::optional<double> (*value)(const SweepRun&)) {
  Panel panel;
  panel.y.label =
      metric_label(sweep) + (baseline.empty() ? " of " + join(sweep.parameters, ", ")
                                              : ", named by what differs from the baseline");
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

// The position of a number between the least and the most of all.
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
    // By rank, as most of the good ones are near one another.
    const auto rank = static_cast<double>(chart.lines.size());
    line.share = 1 - rank / static_cast<double>(metrics.size());
    line.name = long_name(sweep, setting) + ": " + shown_metric(sweep, setting.metric->mean);
    line.is_best = setting.metric->mean == best;
    chart.lines.push_back(std::move(line));
  }
  return draw(chart);
}

// ---- tables

// The name of a folder as a part of a link.
std::string url_encoded(const std::string& name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain =
        (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '_' || c == '.' || c == '~';
    if (is_plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

TableCell link_to(const SweepFolder& sweep, const std::string& run) {
  std::error_code ignored;
  const bool has_report = fs::exists(sweep.path / "runs" / run / "report.html", ignored);
  return {run, has_report ? "runs/" + url_encoded(run) + "/report.html" : ""};
}

// ranking.csv as people read it, with a link to each setting's first run.
std::string ranking_table(const SweepFolder& sweep) {
  constexpr std::size_t kShown = 20;
  const Csv& csv = *sweep.ranking;
  Table table{{"rank"}, {}, 1 + sweep.parameters.size()};
  for (const std::string& parameter : sweep.parameters) table.header.push_back(parameter);
  for (const std::string& name :
       {metric_label(sweep), std::string("sd"), std::string("runs"), std::string("first run")}) {
    table.header.push_back(name);
  }
  const auto number = [&](std::size_t row, const char* column) {
    double value = 0;
    const bool is_number = parse_real(csv.cell(row, column), value);
    return is_number ? shown_metric(sweep, in_unit(sweep, value)) : std::string("–");
  };
  Table rest = table;
  for (std::size_t i = 0; i < csv.rows.size(); ++i) {
    auto& row = (i < kShown ? table : rest).rows.emplace_back();
    row.push_back({csv.cell(i, "rank")});
    for (const std::string& parameter : sweep.parameters) row.push_back({csv.cell(i, parameter)});
    row.push_back({number(i, "mean")});
    row.push_back({number(i, "sd")});
    row.push_back({csv.cell(i, "seeds")});
    TableCell run = link_to(sweep, csv.cell(i, "first_run"));
    if (!run.link.empty()) run.text = "report";
    row.push_back(run);
  }
  std::string html = html_heading("Ranking") + html_table(table);
  if (!rest.rows.empty()) {
    html += html_details("The other " + std::to_string(rest.rows.size()) + " settings",
                         html_table(rest));
  }
  return html;
}

std::string failed_table(const SweepFolder& sweep) {
  Table table{{"run", "exit code", "error"}, {}, 3};
  for (const SweepRun& run : sweep.runs) {
    if (run.error.empty() && run.status != "failed") continue;
    table.rows.push_back({link_to(sweep, run.name), {run.exit_code}, {run.error}});
  }
  return table.rows.empty() ? "" : html_heading("Failed runs") + html_table(table);
}

std::string runs_table(const SweepFolder& sweep) {
  Table table{{"run"}, {}, 1};
  for (const std::string& parameter : sweep.parameters) table.header.push_back(parameter);
  for (const std::string& name :
       {std::string("seed"), std::string("status"), metric_label(sweep), std::string("seconds")}) {
    table.header.push_back(name);
  }
  for (const SweepRun& run : sweep.runs) {
    auto& row = table.rows.emplace_back();
    row.push_back(link_to(sweep, run.name));
    for (const std::string& value : run.values) row.push_back({value});
    const auto metric = metric_of(sweep, run);
    const auto seconds = run.files ? seconds_of(run) : std::nullopt;
    row.push_back({std::to_string(run.seed)});
    row.push_back({run.status});
    row.push_back({metric ? shown_metric(sweep, in_unit(sweep, *metric)) : "–"});
    row.push_back({seconds ? format_fixed(*seconds, 1) : "–"});
  }
  return html_details("All " + std::to_string(sweep.runs.size()) + " runs", html_table(table));
}

// ---- the page

std::string tiles(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                  const std::vector<Setting>& settings) {
  std::map<std::string, std::int64_t> count;
  double seconds = 0;
  for (const SweepRun& run : sweep.runs) {
    ++count[run.status];
    if (run.files) seconds += seconds_of(run).value_or(0);
  }
  std::vector<Tile> tiles;
  if (!settings.empty() && settings.front().metric) {
    const Setting& best = settings.front();
    tiles.push_back({"best " + metric_label(sweep), shown_metric(sweep, best.metric->mean)});
    if (!best.values.empty()) tiles.push_back({"its setting", long_name(sweep, best, baseline)});
  }
  tiles.push_back({"settings", format_count(static_cast<std::int64_t>(settings.size()))});
  for (const char* status : {"done", "stopped", "failed", "interrupted", "pending"}) {
    const auto found = count.find(status);
    if (found != count.end())
      tiles.push_back({"runs " + found->first, format_count(found->second)});
  }
  tiles.push_back({"training time of all", format_duration(seconds)});
  return html_tiles(tiles);
}

// The name of a picture's file.
std::string file_name(const std::string& what, const std::string& more) {
  std::string name = what + "-" + more;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::vector<Picture> pictures_of(const SweepFolder& sweep, const std::vector<std::string>& baseline,
                                 const std::vector<Setting>& settings) {
  std::vector<Picture> pictures;
  const auto add = [&](const std::string& name, std::optional<Drawing> drawing) {
    if (drawing) pictures.push_back({name, std::move(*drawing)});
  };
  const std::size_t count = sweep.parameters.size();
  for (std::size_t i = 0; i < count; ++i) {
    for (const Learned& what : learned(sweep)) {
      add(file_name(what.name, sweep.parameters[i]), draw_multiples(sweep, baseline, i, what));
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

}  // namespace

Report report_sweep(const SweepFolder& sweep) {
  const std::vector<Setting> settings = settings_of(sweep);
  Report report;
  const std::vector<std::string> baseline = baseline_of(sweep);
  report.pictures = pictures_of(sweep, baseline, settings);
  std::vector<Drawing> drawings;
  for (const Picture& picture : report.pictures) drawings.push_back(picture.drawing);

  std::string body = html_paragraph(
      sweep.method + " over " +
      (sweep.parameters.empty() ? "seeds" : join(sweep.parameters, ", ")) +
      (sweep.arguments.empty() ? "" : "; every run with " + join(sweep.arguments, " ")));
  body += tiles(sweep, baseline, settings);
  if (sweep.ranking && !sweep.ranking->rows.empty()) body += ranking_table(sweep);
  if (drawings.empty()) body += html_notice("No run has results yet.");
  body += html_heading("Pictures");
  if (!baseline.empty()) {
    body += html_paragraph("The baseline is " + long_name(sweep, {baseline, {}, {}}) +
                           ", what most runs have. Curves and heat maps show runs that differ from "
                           "it in nothing but the parameters they name.");
  }
  body += html_pictures(drawings) + failed_table(sweep) + html_heading("Runs") + runs_table(sweep);
  report.html = html_page(sweep.name, body);
  return report;
}

void write_sweep_report(const fs::path& folder) {
  write_report(report_sweep(read_sweep(folder)), folder, folder / "report.html");
}

}  // namespace snn::report
