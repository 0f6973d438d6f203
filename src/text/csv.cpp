#include "text/csv.h"

#include <algorithm>

#include "snn/text/error.h"
#include "snn/text/text.h"

namespace snn {
namespace {

// Removes the next record from `text`; false if a quotation mark is never closed.
bool take_record(std::string_view& text, std::vector<std::string>& cells, std::size_t& lines) {
  cells.assign(1, "");
  bool is_quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++lines;
    if (c == '"' && is_quoted && i + 1 < text.size() && text[i + 1] == '"') {
      cells.back() += text[++i];
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ',' && !is_quoted) {
      cells.emplace_back();
    } else if (c == '\n' && !is_quoted) {
      ++i;
      break;
    } else if (c != '\r' || is_quoted) {
      cells.back() += c;
    }
  }
  text.remove_prefix(i);
  return !is_quoted;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  return "\"" + join(split(text, '"'), "\"\"") + "\"";
}

}  // namespace

std::string Csv::cell(std::size_t row, std::string_view column) const {
  const auto found = std::ranges::find(header, column);
  if (found == header.end()) return "";
  return rows[row][static_cast<std::size_t>(found - header.begin())];
}

Csv parse_csv(std::string_view text, const std::string& name) {
  std::size_t line = 1;
  const auto refuse = [&](std::size_t where, const std::string& why) {
    throw Error(ExitCode::kCheckpoint, name + " line " + std::to_string(where) + ": " + why);
  };
  if (text.empty() || text.back() != '\n')
    refuse(1, "expected a table, found a truncated last line");
  Csv csv;
  if (!take_record(text, csv.header, line)) refuse(1, "a quotation mark is never closed");
  while (!text.empty()) {
    const std::size_t start = line;
    auto& cells = csv.rows.emplace_back();
    if (!take_record(text, cells, line)) refuse(start, "a quotation mark is never closed");
    if (cells.size() != csv.header.size()) {
      refuse(start, "expected " + std::to_string(csv.header.size()) + " columns, found " +
                        std::to_string(cells.size()));
    }
  }
  return csv;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += csv_cell(cell) + ",";
  if (!line.empty()) line.pop_back();
  return line + "\n";
}

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace snn
