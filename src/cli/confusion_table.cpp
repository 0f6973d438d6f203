#include "cli/confusion_table.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <numeric>

#include "cli/layout.h"
#include "text/message.h"

namespace snn::cli {
namespace {

using Confusion = std::vector<std::vector<std::int64_t>>;

constexpr std::size_t kAccuracy = 8;  // "accuracy", "100.00 %"

// The class names; empty if all of them are numbers.
std::vector<std::string> shown_names(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != std::to_string(i)) return names;
  }
  return {};
}

std::size_t longest(const std::vector<std::string>& names) {
  std::size_t length = 0;
  for (const std::string& name : names) length = std::max(length, name.size());
  return length;
}

struct Widths {
  std::size_t label, count;
};

std::string matrix(const Confusion& confusion, const std::vector<std::string>& names,
                   const Widths& widths, std::size_t columns) {
  std::string text =
      wrapped("confusion matrix (rows: label, columns: prediction)", 0, columns) + "\n\n";
  text += std::string(widths.label, ' ');
  for (std::size_t i = 0; i < confusion.size(); ++i) text += fmt::format("{:>{}}", i, widths.count);
  text += "  accuracy\n";
  for (std::size_t label = 0; label < confusion.size(); ++label) {
    text += fmt::format("{:>{}}", label, widths.label);
    for (const std::int64_t count : confusion[label]) {
      text += fmt::format("{:>{}}", count > 0 ? std::to_string(count) : ".", widths.count);
    }
    text += fmt::format("  {:>{}}", percent_or_dash(class_accuracy(confusion, label)), kAccuracy);
    text += (names.empty() ? "" : "  " + names[label]) + "\n";
  }
  return text;
}

// `4 (12), 9 (3)`: the most frequent wrong predictions of a label, as many as fit.
std::string taken_for(const std::vector<std::int64_t>& row, std::size_t label, std::size_t room) {
  std::vector<std::size_t> others(row.size());
  std::iota(others.begin(), others.end(), std::size_t{0});
  std::erase_if(others, [&](std::size_t i) { return i == label || row[i] == 0; });
  std::ranges::stable_sort(others, std::greater(), [&](std::size_t i) { return row[i]; });
  std::string text;
  for (const std::size_t other : others) {
    const std::string piece =
        (text.empty() ? "" : ", ") + fmt::format("{} ({})", other, row[other]);
    if (text.size() + piece.size() > room) break;
    text += piece;
  }
  return text;
}

std::string list(const Confusion& confusion, const std::vector<std::string>& names,
                 std::size_t columns) {
  constexpr std::size_t kLongestName = 16, kNumbers = 33;
  const std::size_t name =
      columns < kNumbers + 2 * kLongestName ? 0 : std::min(longest(names), kLongestName);
  std::string text = fmt::format("class  {:<{}}{}samples  accuracy  mistaken for\n", "", name,
                                 name > 0 ? "  " : "");
  for (std::size_t label = 0; label < confusion.size(); ++label) {
    std::string line = fmt::format("{:>5}  ", label);
    if (name > 0) line += fmt::format("{:<{}}  ", shortened(names[label], name), name);
    line += fmt::format("{:>7}  {:>{}}  ", format_count(class_total(confusion, label)),
                        percent_or_dash(class_accuracy(confusion, label)), kAccuracy);
    line += taken_for(confusion[label], label, columns - std::min(columns, line.size()));
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace

std::int64_t class_total(const Confusion& confusion, std::size_t label) {
  const auto& row = confusion[label];
  return std::accumulate(row.begin(), row.end(), std::int64_t{0});
}

std::optional<double> class_accuracy(const Confusion& confusion, std::size_t label) {
  const std::int64_t total = class_total(confusion, label);
  if (total == 0) return std::nullopt;
  return static_cast<double>(confusion[label][label]) / static_cast<double>(total);
}

std::string confusion_table(const Confusion& confusion, const std::vector<std::string>& names,
                            int columns) {
  const std::vector<std::string> shown = shown_names(names);
  const auto most = static_cast<std::size_t>(std::max(columns, 1));
  std::int64_t highest = 0;
  for (const auto& row : confusion) highest = std::max(highest, std::ranges::max(row));
  const std::size_t label = std::to_string(confusion.size() - 1).size();
  const std::size_t count = std::max(label, std::to_string(highest).size());
  for (const Widths& widths :
       {Widths{6, std::max<std::size_t>(6, count + 1)}, Widths{label, count + 1}}) {
    const std::size_t width = widths.label + confusion.size() * widths.count + 2 + kAccuracy +
                              (shown.empty() ? 0 : 2 + longest(shown));
    if (width <= most) return matrix(confusion, shown, widths, most);
  }
  return list(confusion, shown, most);
}

}  // namespace snn::cli
