#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/svg.h"

namespace snn::report {

/// A table; the first `text_columns` hold text, the others numbers.
struct TableCell {
  std::string text;
  std::string link = {};  ///< relative; empty: none
};
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<TableCell>> rows;
  std::size_t text_columns = 1;
};

/// A key figure with its label.
struct Tile {
  std::string name;
  std::string value;
};

// Elements of a page, from top to bottom. Text is escaped.
std::string html_heading(const std::string& text);
std::string html_paragraph(const std::string& text);
/// An important note for the reader.
std::string html_notice(const std::string& text);
std::string html_tiles(const std::vector<Tile>& tiles);
std::string html_table(const Table& table);
/// Pictures side by side, as many as fit.
std::string html_pictures(const std::vector<Drawing>& drawings);
/// Elements side by side if there is room.
std::string html_side_by_side(const std::vector<std::string>& pieces);
/// A section that the reader can expand.
std::string html_details(const std::string& summary, const std::string& html);

/// A complete, self-contained page.
std::string html_page(const std::string& title, const std::string& body);

/// A page, and its pictures as files.
struct Picture {
  std::string name;  ///< file name without .svg
  Drawing drawing;
};
struct Report {
  std::string html;
  std::vector<Picture> pictures;
};

/// Writes `page` and, in `folder`/pictures, one file per picture. Throws Error(kInternal).
void write_report(const Report& report, const std::filesystem::path& folder,
                  const std::filesystem::path& page);

}  // namespace snn::report
