#include "snn/train/predictions.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "snn/text/error.h"
#include "snn/text/text.h"
#include "text/csv.h"
#include "text/message.h"

namespace snn {
namespace {

constexpr std::size_t kFirstSpikes = 3;  // number of columns before the spikes

void add_numbered(std::vector<std::string>& names, const std::string& name, std::size_t classes) {
  for (std::size_t c = 0; c < classes; ++c) names.push_back(name + "_" + std::to_string(c));
}

// The columns of version 0.1, which start every file.
std::vector<std::string> header(std::size_t classes) {
  std::vector<std::string> names = {"image", "label", "prediction"};
  add_numbered(names, "spikes", classes);
  return names;
}

// The positions of a file's columns.
struct Columns {
  std::size_t count = 0;
  std::size_t classes = 0;
  std::size_t first_membrane = 0;  // 0: no membranes
};

// The classes are 0 if the cells are not a header.
Columns read_header(const std::vector<std::string>& names) {
  Columns columns{names.size(), 0, 0};
  while (kFirstSpikes + columns.classes < names.size() &&
         names[kFirstSpikes + columns.classes].starts_with("spikes_")) {
    ++columns.classes;
  }
  const std::vector<std::string> first = header(columns.classes);
  const bool is_known =
      names.size() >= first.size() && std::equal(first.begin(), first.end(), names.begin());
  if (!is_known) return {};
  const auto membrane = std::ranges::find(names, "membrane_0");
  if (membrane == names.end()) return columns;
  columns.first_membrane = static_cast<std::size_t>(membrane - names.begin());
  for (std::size_t c = 0; c < columns.classes; ++c) {
    const std::size_t at = columns.first_membrane + c;
    if (at >= names.size() || names[at] != "membrane_" + std::to_string(c)) return {};
  }
  return columns;
}

// The problem with a row's cells, or nothing.
std::string read_row(const std::vector<std::string>& cells, const Columns& columns,
                     Prediction& row) {
  const std::size_t classes = columns.classes;
  if (cells.size() != columns.count) {
    return "expected " + std::to_string(columns.count) + " columns, found " +
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
  for (std::size_t c = 0; columns.first_membrane > 0 && c < classes; ++c) {
    double value = std::numeric_limits<double>::quiet_NaN();
    const std::string& cell = cells[columns.first_membrane + c];
    if (!cell.empty() && !parse_real(cell, value)) return "expected a number, found " + quote(cell);
    row.membranes.push_back(static_cast<float>(value));
  }
  return "";
}

}  // namespace

std::vector<Prediction> predictions_of(const Evaluation& evaluation, const Dataset& dataset,
                                       std::span<const std::uint32_t> indices) {
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto spikes = evaluation.counts_of(i);
    const auto membranes = evaluation.membranes_of(i);
    predictions.push_back({indices[i], dataset.labels[indices[i]], evaluation.predictions[i],
                           std::vector<double>(spikes.begin(), spikes.end()),
                           std::vector<float>(membranes.begin(), membranes.end())});
  }
  return predictions;
}

std::string predictions_to_csv(const std::vector<Prediction>& predictions, std::int64_t classes) {
  const auto size = static_cast<std::size_t>(classes);
  const bool has_membranes = predictions.empty() || !predictions.front().membranes.empty();
  std::vector<std::string> cells = header(size);
  cells.insert(cells.end(), {"tied_classes", "count_prediction"});
  if (has_membranes) add_numbered(cells, "membrane", size);
  std::string text = csv_line(cells);
  for (const Prediction& row : predictions) {
    cells = {std::to_string(row.image), std::to_string(row.label), std::to_string(row.prediction)};
    for (const double spikes : row.spikes) cells.push_back(format_real(spikes));
    const std::vector<float> counts(row.spikes.begin(), row.spikes.end());
    cells.push_back(std::to_string(tied_classes(counts)));
    cells.push_back(std::to_string(decide(Decision::kCount, {counts, {}})));
    for (const float membrane : row.membranes) {
      cells.push_back(std::isfinite(membrane) ? format_single(membrane) : "");
    }
    text += csv_line(cells);
  }
  return text;
}

std::vector<Prediction> predictions_from_csv(std::string_view text, const std::string& name) {
  const auto refuse = [&](std::size_t line, const std::string& why) {
    throw Error(ExitCode::kCheckpoint, name + " line " + std::to_string(line + 1) + ": " + why);
  };
  const bool is_whole = text.ends_with('\n');
  const std::string_view first = take_line(text);
  // The spikes of each class, then its membrane.
  const auto count = static_cast<std::size_t>(std::ranges::count(first, ',')) + 1;
  constexpr std::size_t kOthers = 2;
  if (count > kFirstSpikes + kOthers + 2 * kMostClasses) {
    refuse(0, "expected at most " + std::to_string(kMostClasses) + " classes, found " +
                  std::to_string(count) + " columns");
  }
  const Columns columns = read_header(split(first, ','));
  if (columns.classes == 0) refuse(0, "expected the columns " + join(header(1), ",") + ",…");
  const auto check_end = [&](std::size_t line) {
    if (text.empty() && !is_whole) refuse(line, "the last line is truncated");
  };
  check_end(0);
  std::vector<Prediction> predictions;
  for (std::size_t i = 1; !text.empty(); ++i) {
    const std::string_view line = take_line(text);
    check_end(i);
    const std::string problem =
        read_row(split(line.substr(0, kLongestLine), ','), columns, predictions.emplace_back());
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
