#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// A table of texts with a name for each column.
struct Csv {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as the header has

  /// The cell of a row in the column of that name; empty where there is no such column.
  std::string cell(std::size_t row, std::string_view column) const;
};

/// Reads a CSV file; cells with commas stand in quotes, quotes in them are doubled (RFC 4180).
/// Throws Error(kCheckpoint) that names `name` and the line that is wrong.
Csv parse_csv(std::string_view text, const std::string& name);

/// A line of a CSV file with its end: cells that hold a comma, a quote or a line break are quoted,
/// and quotes in them doubled (RFC 4180).
std::string csv_line(const std::vector<std::string>& cells);

/// Takes the first line off `text` and returns it without its end. For tables of numbers, whose
/// lines are read one by one: a damaged file may hold more of them than there is memory for.
std::string_view take_line(std::string_view& text);

/// Where readers of tables of numbers cut off a line, which is damage if it is longer.
inline constexpr std::size_t kLongestLine = std::size_t{1} << 20;

}  // namespace snn
