#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace snn {

/// A table of texts with named columns.
struct Csv {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header

  /// The cell of a row in the named column; empty if there is no such column.
  std::string cell(std::size_t row, std::string_view column) const;
};

/// Parses a CSV file; cells with commas are quoted, quotes in them doubled (RFC 4180). Throws
/// Error(kCheckpoint) naming `name` and the line of the error.
Csv parse_csv(std::string_view text, const std::string& name);

/// A line of a CSV file with its line feed: cells that contain a comma, a quote or a line break are
/// quoted, and quotes in them doubled (RFC 4180).
std::string csv_line(const std::vector<std::string>& cells);

/// Removes the first line from `text` and returns it without its end. Tables of numbers are read
/// line by line, because a damaged file may contain more lines than fit into memory.
std::string_view take_line(std::string_view& text);

/// Readers of tables of numbers truncate a line here; a longer one is damaged.
inline constexpr std::size_t kLongestLine = std::size_t{1} << 20;

}  // namespace snn
