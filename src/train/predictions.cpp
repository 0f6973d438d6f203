#include "snn/train/predictions.h"

#include <algorithm>

#include "message.h"
#include "snn/error.h"
#include "snn/text.h"

namespace snn {
namespace {

constexpr std::size_t kFirstSpikes = 3;  // the columns before those of spikes

std::string header(std::size_t classes) {
  std::string text = "image,label,prediction";
  for (std::size_t c = 0; c < classes; ++c) text += ",spikes_" + std::to_string(c);
  return text;
}

// What is wrong with a row's cells, or nothing.
std::string read_row(const std::vector<std::string>& cells, std::size_t classes, Prediction& row) {
  if (cells.size() != kFirstSpikes + classes) {
    return "expected " + std::to_string(kFirstSpikes + classes) + " columns, found " +
           std::to_string(cells.size());
  }
  const auto read = [&](std::size_t column, std::int64_t limit, std::int64_t& value) {
    long long parsed = 0;
    if (!parse_integer(cells[column], parsed) || parsed < 0 || parsed >= limit) return false;
    value = parsed;
    return true;
  };
  const auto count = static_cast<std::int64_t>(classes);
  if (!read(0, std::int64_t{1} << 32, row.image)) {
    return "expected the number of an image, found " + quote(cells[0]);
  }
  for (auto [column, value] : {std::pair{1, &row.label}, std::pair{2, &row.prediction}}) {
    if (read(static_cast<std::size_t>(column), count, *value)) continue;
    return "expected a class from 0 to " + std::to_string(count - 1) + ", found " +
           quote(cells[static_cast<std::size_t>(column)]);
  }
  row.spikes.resize(classes);
  for (std::size_t c = 0; c < classes; ++c) {
    const std::string& cell = cells[kFirstSpikes + c];
    if (!parse_real(cell, row.spikes[c])) return "expected a number, found " + quote(cell);
  }
  return "";
}

}  // namespace

std::vector<Prediction> predictions_of(const Evaluation& evaluation, const Dataset& dataset,
                                       std::span<const std::uint32_t> indices) {
  const auto classes = static_cast<std::size_t>(dataset.classes);
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto spikes = std::span(evaluation.spike_counts).subspan(i * classes, classes);
    predictions.push_back({indices[i], dataset.labels[indices[i]], evaluation.predictions[i],
                           std::vector<double>(spikes.begin(), spikes.end())});
  }
  return predictions;
}

std::string predictions_to_csv(const std::vector<Prediction>& predictions, std::int64_t classes) {
  std::string text = header(static_cast<std::size_t>(classes)) + "\n";
  for (const Prediction& row : predictions) {
    text += std::to_string(row.image) + "," + std::to_string(row.label) + "," +
            std::to_string(row.prediction);
    for (const double spikes : row.spikes) text += "," + format_real(spikes);
    text += '\n';
  }
  return text;
}

std::vector<Prediction> predictions_from_csv(std::string_view text, const std::string& name) {
  const auto refuse = [&](std::size_t line, const std::string& why) {
    throw Error(ExitCode::kCheckpoint, name + " line " + std::to_string(line + 1) + ": " + why);
  };
  const std::string_view first = text.substr(0, text.find('\n'));
  const auto columns = static_cast<std::size_t>(std::ranges::count(first, ',')) + 1;
  if (columns > kFirstSpikes + kMostClasses) {
    refuse(0, "expected at most " + std::to_string(kMostClasses) + " classes, found " +
                  std::to_string(columns - kFirstSpikes));
  }
  const auto lines = split(text, '\n');
  const std::size_t classes = columns > kFirstSpikes ? columns - kFirstSpikes : 0;
  if (classes == 0 || lines[0] != header(classes)) {
    refuse(0, "expected the columns " + header(1) + ",…");
  }
  if (!lines.back().empty()) refuse(lines.size() - 1, "expected a whole line, found its start");
  std::vector<Prediction> predictions;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const std::string problem = read_row(split(lines[i], ','), classes, predictions.emplace_back());
    if (!problem.empty()) refuse(i, problem);
  }
  return predictions;
}

std::vector<std::vector<std::int64_t>> confusion_matrix(const std::vector<Prediction>& predictions,
                                                        std::int64_t classes) {
  const auto size = static_cast<std::size_t>(classes);
  std::vector<std::vector<std::int64_t>> confusion(size, std::vector<std::int64_t>(size));
  for (const Prediction& row : predictions) {
    ++confusion[static_cast<std::size_t>(row.label)][static_cast<std::size_t>(row.prediction)];
  }
  return confusion;
}

}  // namespace snn
