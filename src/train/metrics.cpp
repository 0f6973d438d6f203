#include "snn/train/metrics.h"

#include <functional>
#include <utility>

#include "message.h"
#include "snn/error.h"
#include "snn/text.h"

namespace snn {
namespace {

// One column: its name, and how its value in a row is written and read. parse() returns what it
// expected instead of the text, or nothing.
struct Column {
  std::string name;
  std::function<std::string(const MetricsRow&)> format;
  std::function<std::string(MetricsRow&, std::string_view)> parse;
};

std::string format(std::int64_t value) { return std::to_string(value); }
std::string format(double value) { return format_real(value); }
std::string format(const std::optional<double>& value) { return value ? format_real(*value) : ""; }

std::string parse(std::string_view text, std::int64_t& value) {
  long long parsed = 0;
  if (!parse_integer(text, parsed) || parsed < 0) return "a whole number from 0";
  value = parsed;
  return "";
}
std::string parse(std::string_view text, double& value) {
  return parse_real(text, value) ? "" : "a number";
}
std::string parse(std::string_view text, std::optional<double>& value) {
  value.reset();
  return text.empty() ? "" : parse(text, value.emplace());
}

// `access` gives a std::reference_wrapper of the value.
template <class Access>
Column column(std::string name, Access access) {
  return {
      std::move(name),
      [access](const MetricsRow& row) {
        return format(access(const_cast<MetricsRow&>(row)).get());
      },
      [access](MetricsRow& row, std::string_view text) { return parse(text, access(row).get()); }};
}

std::vector<Column> columns(std::size_t layers) {
  using Row = MetricsRow;
  std::vector<Column> all = {
      column("epoch", [](Row& row) { return std::ref(row.epoch); }),
      column("step", [](Row& row) { return std::ref(row.step); }),
      column("lr", [](Row& row) { return std::ref(row.lr); }),
      column("train_loss", [](Row& row) { return std::ref(row.train.loss); }),
      column("train_accuracy", [](Row& row) { return std::ref(row.train.accuracy); }),
      column("validation_loss", [](Row& row) { return std::ref(row.validation.loss); }),
      column("validation_accuracy", [](Row& row) { return std::ref(row.validation.accuracy); }),
      column("test_loss", [](Row& row) { return std::ref(row.test.loss); }),
      column("test_accuracy", [](Row& row) { return std::ref(row.test.accuracy); }),
      column("gradient_norm", [](Row& row) { return std::ref(row.gradient_norm); })};
  for (std::size_t i = 0; i < layers; ++i) {
    all.push_back(column("spikes_per_neuron_" + std::to_string(i + 1),
                         [i](Row& row) { return std::ref(row.spikes_per_neuron[i]); }));
  }
  for (std::size_t i = 0; i < layers; ++i) {
    all.push_back(column("silent_fraction_" + std::to_string(i + 1),
                         [i](Row& row) { return std::ref(row.silent_fraction[i]); }));
  }
  all.push_back(column("seconds", [](Row& row) { return std::ref(row.seconds); }));
  all.push_back(
      column("images_per_second", [](Row& row) { return std::ref(row.images_per_second); }));
  return all;
}

std::string header(const std::vector<Column>& all) {
  std::vector<std::string> names;
  for (const Column& each : all) names.push_back(each.name);
  return join(names, ",");
}

// What is wrong with a line, which is read into `row`, or nothing.
std::string read_row(std::string_view line, const std::vector<Column>& all, MetricsRow& row) {
  const auto cells = split(line, ',');
  if (cells.size() != all.size()) {
    return "expected " + std::to_string(all.size()) + " columns, found " +
           std::to_string(cells.size());
  }
  for (std::size_t k = 0; k < cells.size(); ++k) {
    const std::string expected = all[k].parse(row, cells[k]);
    if (expected.empty()) continue;
    return all[k].name + ": expected " + expected + ", found " + quote(cells[k]);
  }
  return "";
}

// The rows of a file. `refuse(line, why)` is called for each line, from 0, that is none; where it
// returns the line is left out.
template <class Refuse>
std::vector<MetricsRow> read_rows(std::string_view text, std::size_t layers, const Refuse& refuse) {
  const auto all = columns(layers);
  const auto lines = split(text, '\n');
  std::vector<MetricsRow> rows;
  if (lines[0] != header(all)) {
    refuse(0, "expected the columns " + header(all));
    return rows;
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    MetricsRow row;
    row.spikes_per_neuron.resize(layers);
    row.silent_fraction.resize(layers);
    std::string problem = read_row(lines[i], all, row);
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
  const auto all = columns(layers);
  std::string text = header(all) + "\n";
  for (const MetricsRow& row : rows) {
    std::vector<std::string> cells;
    for (const Column& each : all) cells.push_back(each.format(row));
    text += join(cells, ",") + "\n";
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
