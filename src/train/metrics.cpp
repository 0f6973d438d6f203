#include "snn/train/metrics.h"

#include <functional>
#include <utility>

#include "snn/error.h"
#include "snn/text.h"

namespace snn {
namespace {

using Optional = std::optional<double>;

// One column: its name, and where its value stands in a row. Reading and writing share this table.
struct Column {
  std::string name;
  std::function<Optional(const MetricsRow&)> get;
  std::function<void(MetricsRow&, Optional)> set;
};

// `access` gives a std::reference_wrapper of the value.
template <class Access>
Column column(std::string name, Access access) {
  return {std::move(name),
          [access](const MetricsRow& row) -> Optional {
            return Optional(access(const_cast<MetricsRow&>(row)).get());
          },
          [access](MetricsRow& row, Optional value) {
            auto& field = access(row).get();
            using Field = std::remove_reference_t<decltype(field)>;
            if constexpr (std::is_same_v<Field, Optional>) {
              field = value;
            } else {
              field = static_cast<Field>(value.value());
            }
          }};
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

}  // namespace

std::string metrics_to_csv(const std::vector<MetricsRow>& rows, std::size_t layers) {
  const auto all = columns(layers);
  std::string text = header(all) + "\n";
  for (const MetricsRow& row : rows) {
    std::vector<std::string> cells;
    for (const Column& each : all) {
      const Optional value = each.get(row);
      cells.push_back(value ? format_real(*value) : "");
    }
    text += join(cells, ",") + "\n";
  }
  return text;
}

std::vector<MetricsRow> metrics_from_csv(std::string_view text, std::size_t layers,
                                         const std::string& name) {
  const auto all = columns(layers);
  const auto lines = split(text, '\n');
  const auto refuse = [&](std::size_t line, const std::string& why) {
    throw Error(ExitCode::kCheckpoint, name + " line " + std::to_string(line + 1) + ": " + why);
  };
  if (lines[0] != header(all)) refuse(0, "expected the columns " + header(all));
  std::vector<MetricsRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const auto cells = split(lines[i], ',');
    if (cells.size() != all.size()) {
      refuse(i, "expected " + std::to_string(all.size()) + " columns, found " +
                    std::to_string(cells.size()));
    }
    MetricsRow row;
    row.spikes_per_neuron.resize(layers);
    row.silent_fraction.resize(layers);
    for (std::size_t k = 0; k < cells.size(); ++k) {
      double value = 0;
      const bool is_empty = cells[k].empty();
      const bool may_be_empty = !all[k].get(MetricsRow(row)).has_value();
      if (!is_empty && !parse_real(cells[k], value)) {
        refuse(i, "expected a number for " + all[k].name + ", found '" + cells[k] + "'");
      }
      if (is_empty && !may_be_empty) refuse(i, all[k].name + " is empty");
      all[k].set(row, is_empty ? Optional() : Optional(value));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace snn
