#include "cli/epoch_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "message.h"
#include "snn/text.h"

namespace snn::cli {

struct EpochTable::Cell {
  std::string heading;
  std::string text;
  int width;
};

EpochTable::EpochTable(const Config& config, const NetworkSpec& network, const Terminal& terminal)
    : validates_(config.validation > 0), steps_(config.steps), terminal_(terminal) {
  for (const LayerSpec& layer : network.layers) kinds_.push_back(kind_of(layer.neuron));
}

std::vector<EpochTable::Cell> EpochTable::cells(const EpochReport& report) const {
  const MetricsRow& row = report.row;
  const auto number = [](const std::optional<double>& value, const char* format) {
    return value ? fmt::format(fmt::runtime(format), *value) : std::string("-");
  };
  const auto percent = [](const std::optional<double>& share) {
    return share ? format_percent(*share) : std::string("-");
  };
  std::vector<std::string> rates;
  for (const double rate : row.spikes_per_neuron) rates.push_back(fmt::format("{:.2f}", rate));

  std::vector<Cell> all = {{"epoch", fmt::format("{}/{}", row.epoch, report.epochs), 7},
                           {"train loss", number(row.train.loss, "{:.4f}"), 10},
                           {"accuracy", percent(row.train.accuracy), 9}};
  if (validates_) {
    all.push_back({"valid loss", number(row.validation.loss, "{:.4f}"), 10});
    all.push_back({"accuracy", percent(row.validation.accuracy), 9});
  }
  all.push_back({"test loss", number(row.test.loss, "{:.4f}"), 10});
  all.push_back({"accuracy", percent(row.test.accuracy), 9});
  const bool has_spikes = std::ranges::count(kinds_, NeuronKind::kRelu) == 0;
  all.push_back({has_spikes ? "spikes/neuron" : "active/neuron", join(rates, " "), 13});
  all.push_back({"images/s",
                 row.images_per_second
                     ? format_count(static_cast<std::int64_t>(*row.images_per_second))
                     : "-",
                 9});
  all.push_back({"time", row.seconds ? format_duration(*row.seconds) : "-", 8});
  return all;
}

std::vector<std::string> EpochTable::lines(const EpochReport& report) {
  std::string heading, line;
  for (const Cell& cell : cells(report)) {
    heading += fmt::format("{:>{}}  ", cell.heading, cell.width);
    line += fmt::format("{:>{}}  ", cell.text, cell.width);
  }
  line += report.is_best && validates_ ? "best" : "";
  line.erase(line.find_last_not_of(' ') + 1);
  heading.erase(heading.find_last_not_of(' ') + 1);
  if (has_heading_) return {line};
  has_heading_ = true;
  return {terminal_.dim(heading), line};
}

std::vector<std::string> EpochTable::warnings(const MetricsRow& row) {
  constexpr double kMany = 0.7;
  std::vector<std::string> all;
  if (row.epoch == 0) return all;
  for (std::size_t i = 0; i < row.spikes_per_neuron.size(); ++i) {
    const std::string layer = "layer " + std::to_string(i + 1);
    if (kinds_[i] == NeuronKind::kRelu) {
      if (row.silent_fraction[i] == 1 && i + 1 < kinds_.size()) {
        all.push_back(layer + ": no neuron was above 0 for any test image; try a lower --lr");
      }
    } else if (row.silent_fraction[i] == 1) {
      all.push_back(layer +
                    ": no neuron spiked for any test image; try a lower --threshold, a "
                    "higher --beta or another --lr");
    } else if (row.spikes_per_neuron[i] == static_cast<double>(steps_)) {
      all.push_back(layer +
                    ": every neuron spiked at every step for every test image; try a "
                    "higher --threshold or another --lr");
    }
    const double silent = row.silent_fraction[i];
    const bool is_hidden = i + 1 < kinds_.size();
    if (is_hidden && silent >= kMany && silent < 1 && told_of_silence_.insert(i).second) {
      all.push_back(layer + ": " + format_percent(silent) +
                    " of its neurons were silent for every " +
                    "test image and may never learn; try a lower --threshold or --lr");
    }
  }
  return all;
}

std::string EpochTable::progress_line(const BatchReport& report, int columns) const {
  const double share = static_cast<double>(report.batch) / static_cast<double>(report.batches);
  const std::string left = fmt::format("epoch {}/{} ", report.epoch, report.epochs);
  const std::string right =
      fmt::format(" {:3.0f} %  loss {:.4f}  accuracy {}  {} images/s  {} left", 100 * share,
                  report.loss, format_percent(report.accuracy),
                  format_count(static_cast<std::int64_t>(report.images_per_second)),
                  format_duration(report.seconds_left));
  constexpr int kBrackets = 2, kWidest = 30;
  const int room = columns - 1 - static_cast<int>(left.size() + right.size()) - kBrackets;
  std::string line = left + (room > 4 ? bar(share, std::min(room, kWidest)) : "") + right;
  // A line that wraps would not be taken away again.
  if (columns > 1 && line.size() >= static_cast<std::size_t>(columns)) {
    line.resize(static_cast<std::size_t>(columns - 1));
  }
  return line;
}

}  // namespace snn::cli
