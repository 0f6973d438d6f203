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

}  // namespace snn
