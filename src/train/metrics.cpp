#include "snn/train/metrics.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/csv.h"
#include "text/message.h"
#include "train/metric.h"

namespace snn {
namespace {

// One column: its name, and functions that write and read its value in a row. parse() returns the
// expectation that the text violates, or nothing.
struct Column {
  std::string name;
  std::function<std::string(const MetricsRow&)> format;
  std::function<std::string(MetricsRow&, std::string_view)> parse;
  std::string old_name = {};  // name in files of version 0.1, if different
  bool is_optional = false;   // files of version 0.1 lack it
};

std::string format(std::int64_t value) { return std::to_string(value); }
std::string format(double value) { return format_real(value); }
template <class T>
std::string format(const std::optional<T>& value) {
  return value ? format(*value) : "";
}

std::string parse(std::string_view text, std::int64_t& value) {
  long long parsed = 0;
  if (!parse_integer(text, parsed) || parsed < 0) return "a whole number from 0";
  value = parsed;
  return "";
}
std::string parse(std::string_view text, double& value) {
  return parse_real(text, value) ? "" : "a number";
}
template <class T>
std::string parse(std::string_view text, std::optional<T>& value) {
  value.reset();
  return text.empty() ? "" : parse(text, value.emplace());
}

// `place` returns the value in a row.
template <class Place>
Column column(std::string_view name, Place place) {
  return {std::string(name), [place](const MetricsRow& row) { return format(place(row)); },
          [place](MetricsRow& row, std::string_view text) { return parse(text, place(row)); }};
}

Column column(const Metric& metric) {
  Column result = std::visit(
      [&](const auto& place) {
        return column(
            metric.key, [place](auto& row) -> auto& { return place.in(row); });
      },
      metric.place);
  result.old_name = metric.old_key;
  result.is_optional = metric.since == Since::kSecond;
  return result;
}

// The columns of a learned parameter: beta_1 or, for per-neuron values, beta_1 (their mean),
// beta_1_min and beta_1_max.
struct LearnedColumn {
  std::string parameter;
  std::size_t layer = 1;
  double LearnedParameter::*value = &LearnedParameter::mean;

  std::string name() const {
    const std::string mean = parameter + "_" + std::to_string(layer);
    if (value == &LearnedParameter::mean) return mean;
    return mean + (value == &LearnedParameter::min ? "_min" : "_max");
  }
  bool is_of(const LearnedParameter& other) const {
    return other.name == parameter && other.layer == layer;
  }
};

// The column of that name, if a network of `layers` layers has it.
std::optional<LearnedColumn> learned_column(std::string_view name, std::size_t layers) {
  LearnedColumn column;
  std::string_view rest = name;
  if (rest.ends_with("_min")) column.value = &LearnedParameter::min;
  if (rest.ends_with("_max")) column.value = &LearnedParameter::max;
  if (column.value != &LearnedParameter::mean) rest.remove_suffix(4);
  const std::size_t end = std::min(rest.rfind('_'), rest.size());
  long long layer = 0;
  column.parameter = rest.substr(0, end);
  const auto& known = learnable_tensors();
  const bool is_known = std::ranges::find(known, column.parameter) != known.end();
  if (!is_known || !parse_integer(rest.substr(std::min(end + 1, rest.size())), layer)) return {};
  column.layer = static_cast<std::size_t>(layer);
  if (layer < 1 || column.layer > layers || column.name() != name) return {};
  return column;
}

Column to_column(const LearnedColumn& learned) {
  const auto write = [learned](const MetricsRow& row) -> std::string {
    for (const LearnedParameter& each : row.learned) {
      if (learned.is_of(each)) return format(each.*learned.value);
    }
    return "";
  };
  const auto read = [learned](MetricsRow& row, std::string_view text) -> std::string {
    if (text.empty()) return "";  // an epoch of an older version
    double value = 0;
    const std::string expected = parse(text, value);
    if (!expected.empty()) return expected;
    auto known = std::ranges::find_if(
        row.learned, [&](const LearnedParameter& each) { return learned.is_of(each); });
    if (known == row.learned.end()) {
      row.learned.push_back({learned.parameter, learned.layer, false, value, value, value});
      known = row.learned.end() - 1;
    }
    (*known).*learned.value = value;
    known->is_per_neuron |= learned.value != &LearnedParameter::mean;
    return "";
  };
  return {learned.name(), write, read, "", /*is_optional=*/true};
}

// The columns of the learned parameters that occur in any row.
std::vector<Column> learned_columns(const std::vector<MetricsRow>& rows) {
  std::vector<Column> all;
  const auto with_most =
      std::ranges::max_element(rows, {}, [](const MetricsRow& row) { return row.learned.size(); });
  if (with_most == rows.end()) return all;
  for (const LearnedParameter& each : with_most->learned) {
    all.push_back(to_column({each.name, each.layer, &LearnedParameter::mean}));
    if (!each.is_per_neuron) continue;
    all.push_back(to_column({each.name, each.layer, &LearnedParameter::min}));
    all.push_back(to_column({each.name, each.layer, &LearnedParameter::max}));
  }
  return all;
}

// The columns of the learned parameters in a file's header.
std::vector<Column> learned_columns(const std::vector<std::string>& names, std::size_t layers) {
  std::vector<Column> all;
  for (const std::string& name : names) {
    if (const auto learned = learned_column(name, layers)) all.push_back(to_column(*learned));
  }
  return all;
}

// The columns of options that are on in any row.
std::vector<Column> option_columns(const std::vector<MetricsRow>& rows) {
  std::vector<Column> all;
  for (const Metric& metric : kOfOptions) {
    const auto has_it = [&](const MetricsRow& row) { return metric.value(row).has_value(); };
    if (std::ranges::any_of(rows, has_it)) all.push_back(column(metric));
  }
  return all;
}

// The columns of options in a file's header.
std::vector<Column> option_columns(const std::vector<std::string>& names) {
  std::vector<Column> all;
  for (const Metric& metric : kOfOptions) {
    if (std::ranges::find(names, metric.key) != names.end()) all.push_back(column(metric));
  }
  return all;
}

std::vector<Column> joined(std::vector<Column> first, const std::vector<Column>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// `more` are the columns that not every run has.
std::vector<Column> columns(std::size_t layers, const std::vector<Column>& more) {
  std::vector<Column> all = {column(
                                 "epoch", [](auto& row) -> auto& { return row.epoch; }),
                             column(
                                 "step", [](auto& row) -> auto& { return row.step; })};
  for (const Metric& metric : kResults) all.push_back(column(metric));
  for (const LayerMetric& metric : kLayerMetrics) {
    for (std::size_t i = 0; i < layers; ++i) {
      const auto value = [ values = metric.values, i ](auto& row) -> auto& {
        return (row.*values)[i];
      };
      all.push_back(column(std::string(metric.key) + "_" + std::to_string(i + 1), value));
    }
  }
  for (const Metric& metric : kDecisions) all.push_back(column(metric));
  all.insert(all.end(), more.begin(), more.end());
  for (const Metric& metric : kTimes) all.push_back(column(metric));
  return all;
}

std::vector<std::string> names_of(const std::vector<Column>& all) {
  std::vector<std::string> names;
  for (const Column& each : all) names.push_back(each.name);
  return names;
}

// The columns of a file, by position; null for unknown ones. Empty if a required column is missing.
std::vector<const Column*> columns_of(const std::vector<std::string>& names,
                                      const std::vector<Column>& known) {
  std::vector<const Column*> found;
  for (const std::string& name : names) {
    const auto column = std::ranges::find_if(known, [&](const Column& each) {
      return each.name == name || (!each.old_name.empty() && each.old_name == name);
    });
    found.push_back(column == known.end() ? nullptr : &*column);
  }
  const bool is_whole = std::ranges::all_of(known, [&](const Column& column) {
    const auto count = std::ranges::count(found, &column);
    return count == 1 || (count == 0 && column.is_optional);
  });
  const auto rates = std::ranges::count_if(
      names, [](const std::string& name) { return name.starts_with("spikes_per_neuron_"); });
  const auto layers = std::ranges::count_if(
      known, [](const Column& column) { return column.name.starts_with("spikes_per_neuron_"); });
  return is_whole && rates == layers ? found : std::vector<const Column*>();
}

// Reads a line; returns the problem, or nothing.
std::string read_row(const std::vector<std::string>& cells,
                     const std::vector<const Column*>& columns, MetricsRow& row) {
  if (cells.size() != columns.size()) {
    return "expected " + std::to_string(columns.size()) + " columns, found " +
           std::to_string(cells.size());
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (columns[i] == nullptr) continue;
    const std::string expected = columns[i]->parse(row, cells[i]);
    if (expected.empty()) continue;
    return columns[i]->name + ": expected " + expected + ", found " + quote(cells[i]);
  }
  return "";
}

// The rows of a file. `refuse(line, why)` is called for each invalid line (from 0); if it returns,
// the line is skipped.
template <class Refuse>
std::vector<MetricsRow> read_rows(std::string_view text, std::size_t layers, const Refuse& refuse) {
  const std::string_view first = take_line(text);
  const auto names = split(first.substr(0, kLongestLine), ',');
  const auto known = columns(layers, joined(option_columns(names), learned_columns(names, layers)));
  const auto found = columns_of(names, known);
  std::vector<MetricsRow> rows;
  if (found.empty()) {
    refuse(0, "expected the columns " + join(names_of(columns(layers, {})), ","));
    return rows;
  }
  for (std::size_t i = 1; !text.empty(); ++i) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    MetricsRow row;
    row.spikes_per_neuron.resize(layers);
    row.silent_fraction.resize(layers);
    std::string problem = read_row(split(line.substr(0, kLongestLine), ','), found, row);
    if (problem.empty() && !rows.empty() && row.epoch <= rows.back().epoch) {
      problem = "epoch " + std::to_string(row.epoch) + " after epoch " +
                std::to_string(rows.back().epoch);
    }
    if (problem.empty()) {
      rows.push_back(std::move(row));
    } else {
      refuse(i, problem);
    }
  }
  return rows;
}

}  // namespace

std::string metrics_to_csv(const std::vector<MetricsRow>& rows, std::size_t layers) {
  const auto all = columns(layers, joined(option_columns(rows), learned_columns(rows)));
  std::string text = csv_line(names_of(all));
  for (const MetricsRow& row : rows) {
    std::vector<std::string> cells;
    for (const Column& each : all) cells.push_back(each.format(row));
    text += csv_line(cells);
  }
  return text;
}

std::vector<MetricsRow> metrics_from_csv(std::string_view text, std::size_t layers,
                                         const std::string& name) {
  return read_rows(text, layers, [&](std::size_t line, const std::string& why) {
    throw Error(ExitCode::kCheckpoint, name + " line " + std::to_string(line + 1) + ": " + why);
  });
}

std::vector<MetricsRow> readable_metrics(std::string_view text, std::size_t layers) {
  return read_rows(text, layers, [](std::size_t, const std::string&) {});
}

}  // namespace snn
