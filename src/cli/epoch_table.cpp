#include "cli/epoch_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "snn/text/text.h"
#include "text/message.h"

namespace snn::cli {
namespace {

constexpr std::string_view kGap = "  ";

// Four decimals, or fewer if the number would be too long.
std::string format_loss(const std::optional<double>& loss) {
  if (!loss) return "-";
  if (std::abs(*loss) < 1e4) return fmt::format("{:.4f}", *loss);
  return fmt::format(fmt::runtime(std::abs(*loss) < 1e7 ? "{:.0f}" : "{:.2e}"), *loss);
}

// 164,387, and 1.64 M from a million on.
std::string format_speed(const std::optional<double>& samples_per_second) {
  constexpr double kMillion = 1e6;
  if (!samples_per_second) return "-";
  if (*samples_per_second < kMillion - 0.5) {
    return format_count(std::llround(*samples_per_second));
  }
  return fmt::format("{:.3g} M", *samples_per_second / kMillion);
}

// 0.4 s, 42 s, 3m 07s, 2h 05m
std::string format_short(double seconds) {
  std::string text = format_duration(seconds);
  if (text.find(' ') == text.rfind(' ')) return text;
  for (const std::string_view unit : {" min", " h", " s"}) {
    const std::size_t at = text.find(unit);
    if (at != std::string::npos) text.replace(at, unit.size(), unit.substr(1, 1));
  }
  return text;
}

// The line is shorter than `columns`, since a wrapped line could not be erased. If space is short,
// the last of `pieces` are dropped first, and the bar before the first `kept` of them.
std::string progress(const std::string& epoch, double share, const std::string& percent,
                     const std::vector<std::string>& pieces, std::size_t kept, int columns) {
  constexpr int kBrackets = 2, kShortest = 4, kWidest = 30;
  const int most = std::max(columns - 1, 0);
  const auto room_beside = [&](std::size_t count) {
    std::size_t used = epoch.size() + percent.size();
    for (std::size_t i = 0; i < count; ++i) used += pieces[i].size();
    return most - static_cast<int>(used);
  };
  std::size_t count = pieces.size();
  while (count > kept && room_beside(count) < kBrackets + kShortest) --count;
  const int bar_width = std::min(room_beside(count) - kBrackets, kWidest);
  while (count > 0 && room_beside(count) < 0) --count;
  std::string line = epoch + (bar_width >= kShortest ? bar(share, bar_width) + percent
                                                     : std::string(trimmed(percent)));
  for (std::size_t i = 0; i < count; ++i) line += pieces[i];
  line.resize(std::min(line.size(), static_cast<std::size_t>(most)));
  return line;
}

std::string format_epoch(std::int64_t epoch, std::int64_t epochs) {
  return fmt::format("epoch {}/{} ", epoch, epochs);
}

// True if an option is not yet at the end of its range in that direction.
bool can_move(const Field& field, double value, bool up) {
  return up ? value < field.range.high : value > field.range.low;
}
bool can_move(const Field& field, std::int64_t value, bool up) {
  return can_move(field, static_cast<double>(value), up);
}
bool can_move(const Field& field, const PerNeuron& value, bool up) {
  return std::ranges::any_of(value.values, [&](double each) { return can_move(field, each, up); });
}
template <class T>
bool can_move(const Field&, const T&, bool) {
  return false;
}

}  // namespace

struct EpochTable::Cell {
  std::string heading;
  std::size_t width;
  std::string text;
};

struct EpochTable::Shape {
  bool has_long_headings = true;
  bool has_speed = true;
  bool has_decimals = true;
  bool has_all_layers = true;
  bool has_spikes = true;
  bool has_train_accuracy = true;
  bool has_validation_loss = true;
  bool has_time = true;
  bool has_test_loss = true;
  bool has_best = true;
  bool has_train_loss = true;
};

EpochTable::EpochTable(const Config& config, const NetworkSpec& network, const Terminal& terminal)
    : validates_(config.validation > 0),
      network_(network),
      steps_(config.steps),
      terminal_(terminal) {
  for (const LayerSpec& layer : network.layers)
    has_spikes_.push_back(snn::has_spikes(layer.neuron));
}

EpochTable::Shape EpochTable::shape_for(const EpochReport& report, int columns) const {
  constexpr bool Shape::*kGivesWay[] = {&Shape::has_long_headings,   &Shape::has_speed,
                                        &Shape::has_decimals,        &Shape::has_all_layers,
                                        &Shape::has_spikes,          &Shape::has_train_accuracy,
                                        &Shape::has_validation_loss, &Shape::has_time,
                                        &Shape::has_test_loss,       &Shape::has_best,
                                        &Shape::has_train_loss};
  Shape shape;
  for (const auto part : kGivesWay) {
    std::size_t width = 0;
    for (const Cell& cell : cells(report, shape)) width += cell.width + kGap.size();
    if (width <= static_cast<std::size_t>(columns) + kGap.size()) break;
    shape.*part = false;
  }
  return shape;
}

// Spikes per neuron of each layer: `6.52 4.00`, `6.5 .. 4.0`.
EpochTable::Cell EpochTable::spikes_cell(const MetricsRow& row, const Shape& shape) const {
  const bool has_spikes = std::ranges::count(has_spikes_, false) == 0;
  const int decimals = shape.has_decimals ? 2 : 1;
  const std::size_t width = std::to_string(steps_).size() + 1 + static_cast<std::size_t>(decimals);
  std::vector<std::string> texts;
  for (const double rate : row.spikes_per_neuron) texts.push_back(format_fixed(rate, decimals));
  std::size_t layers = has_spikes_.size();
  std::size_t between = 1;
  if (!shape.has_all_layers && layers > 2) {
    if (!texts.empty()) texts = {texts.front(), "..", texts.back()};
    layers = 2;
    between = 4;
  }
  const std::string heading = has_spikes ? "spikes" : "active";
  return {shape.has_long_headings ? heading + "/neuron" : heading,
          layers * width + (layers - 1) * between, join(texts, " ")};
}

std::vector<EpochTable::Cell> EpochTable::cells(const EpochReport& report,
                                                const Shape& shape) const {
  const MetricsRow& row = report.row;
  const std::size_t digits = std::to_string(report.epochs).size();
  std::vector<Cell> all = {
      {"epoch", 2 * digits + 1, fmt::format("{}/{}", row.epoch, report.epochs)}};
  constexpr std::size_t kLoss = 7, kShare = 8;
  const auto add_score = [&](const std::string& part, const Score& score, bool has_loss,
                             bool has_accuracy) {
    if (has_loss) all.push_back({part + " loss", kLoss, format_loss(score.loss)});
    const std::string heading = has_loss ? "accuracy" : part + " acc";
    if (has_accuracy) all.push_back({heading, kShare, percent_or_dash(score.accuracy)});
  };
  add_score("train", row.train, shape.has_train_loss, shape.has_train_accuracy);
  if (validates_) add_score("valid", row.validation, shape.has_validation_loss, true);
  add_score("test", row.test, shape.has_test_loss, true);
  if (shape.has_spikes) all.push_back(spikes_cell(row, shape));
  if (shape.has_speed) {
    all.push_back({shape.has_long_headings ? "samples/s" : "samp/s", 7,
                   format_speed(row.samples_per_second)});
  }
  if (shape.has_time) all.push_back({"time", 7, row.seconds ? format_short(*row.seconds) : "-"});
  if (validates_ && shape.has_best) all.push_back({"", 4, report.is_best ? "best" : ""});
  for (Cell& cell : all) cell.width = std::max(cell.width, cell.heading.size());
  return all;
}

std::vector<std::string> EpochTable::lines(const EpochReport& report, int columns) {
  std::string heading, line;
  for (const Cell& cell : cells(report, shape_for(report, columns))) {
    heading += fmt::format("{:>{}}{}", cell.heading, cell.width, kGap);
    line += fmt::format("{:>{}}{}", cell.text, cell.width, kGap);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  heading.erase(heading.find_last_not_of(' ') + 1);
  if (heading == heading_) return {line};
  heading_ = heading;
  return {terminal_.dim(heading), line};
}

// "try a higher --beta, a lower --threshold or another --lr": the options by which neurons of a
// layer spike more (direction 1) or less (-1).
std::string EpochTable::advice(std::size_t layer, int direction,
                               const std::string& otherwise) const {
  std::vector<std::string> all;
  const auto add = [&](const Field& field, const auto& value) {
    const bool up = field.excites == direction;
    if (field.excites == 0 || !can_move(field, value, up)) return;
    all.push_back((up ? "a higher --" : "a lower --") + field.name);
  };
  std::visit([&](const auto& options) { visit_options(options, add); },
             network_.layers[layer].neuron);
  return "try " + join(all, ", ") + (all.empty() ? "" : " or ") + otherwise;
}

std::vector<std::string> EpochTable::warnings(const MetricsRow& row) {
  constexpr double kMany = 0.7;
  std::vector<std::string> all;
  if (row.epoch == 0) return all;
  for (std::size_t i = 0; i < row.spikes_per_neuron.size(); ++i) {
    const std::string layer = "layer " + std::to_string(i + 1);
    if (!has_spikes_[i]) {
      if (row.silent_fraction[i] == 1 && i + 1 < has_spikes_.size()) {
        all.push_back(layer + ": no neuron was above 0 for any test image; try a lower --lr");
      }
    } else if (row.silent_fraction[i] == 1) {
      all.push_back(layer + ": no neuron spiked for any test image; " +
                    advice(i, 1, "another --lr"));
    } else if (row.spikes_per_neuron[i] == static_cast<double>(steps_)) {
      all.push_back(layer + ": every neuron spiked at every step for every test image; " +
                    advice(i, -1, "another --lr"));
    }
    const double silent = row.silent_fraction[i];
    const bool is_hidden = i + 1 < has_spikes_.size();
    if (is_hidden && silent >= kMany && silent < 1 && told_of_silence_.insert(i).second) {
      all.push_back(layer + ": " + format_percent(silent) +
                    " of its neurons were silent for every test image and may never learn; " +
                    advice(i, 1, "a lower --lr"));
    }
  }
  return all;
}

std::string EpochTable::progress_line(const BatchReport& report, int columns) const {
  const double share = static_cast<double>(report.batch) / static_cast<double>(report.batches);
  return progress(format_epoch(report.epoch, report.epochs), share,
                  fmt::format(" {:3.0f} %", 100 * share),
                  {"  " + format_short(report.run_seconds_left) + " left",
                   ", epoch " + format_short(report.seconds_left),
                   "  loss " + format_loss(report.loss), "  acc " + format_percent(report.accuracy),
                   "  " + format_speed(report.samples_per_second) + " samples/s"},
                  /*kept=*/2, columns);
}

std::string EpochTable::progress_line(const EvaluationReport& report, int columns) const {
  const double share = static_cast<double>(report.done) /
                       static_cast<double>(std::max<std::int64_t>(report.samples, 1));
  std::vector<std::string> pieces = {fmt::format(" {:3.0f} %", 100 * share)};
  if (report.run_seconds_left) {
    pieces.push_back("  " + format_short(*report.run_seconds_left) + " left");
  }
  return progress(format_epoch(report.epoch, report.epochs), share, " testing", pieces,
                  pieces.size(), columns);
}

}  // namespace snn::cli
