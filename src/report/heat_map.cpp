#include <algorithm>
#include <cmath>

#include "report/chart.h"
#include "report/marks.h"
#include "snn/text/text.h"

namespace snn::report {

Drawing draw(const HeatMap& map) {
  double left = 0;
  for (const std::string& row : map.rows) left = std::max(left, text_width(row));
  left = std::min(left, map.width * 0.3) + 8;
  const double column =
      (map.width - left) / static_cast<double>(std::max<std::size_t>(1, map.columns.size()));
  const double row = std::clamp(column, 22.0, 34.0);
  Drawing drawing{map.title, map.width, 0, ""};
  if (!map.title.empty()) {
    drawing.body += text(0, 13, map.title, "title");
    drawing.height = 20;
  }
  drawing.body += text(0, drawing.height + 12, map.row_label + " ↓", "muted");
  drawing.body +=
      text(map.width, drawing.height + 12, map.column_label + " →", "muted", Anchor::kEnd);
  drawing.height += kLine;
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    drawing.body += text(left + (static_cast<double>(i) + 0.5) * column, drawing.height + 13,
                         shortened(map.columns[i], column), "ink", Anchor::kMiddle);
  }
  drawing.height += kLine + 4;
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    const double baseline = drawing.height + row / 2 + 4;
    drawing.body += text(left - 8, baseline, shortened(map.rows[r], left), "ink", Anchor::kEnd);
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const auto& cell = map.cells[r][c];
      if (!cell) continue;
      const double x = left + static_cast<double>(c) * column;
      const double value = std::isfinite(cell->value) ? std::clamp(cell->value, 0.0, 1.0) : 0.0;
      drawing.body += "<rect class=\"f0\" fill-opacity=\"" +
                      format_real(std::round(value * 100) / 100) + "\" x=\"" + px(x) + "\" y=\"" +
                      px(drawing.height) + "\" width=\"" + px(column - 1) + "\" height=\"" +
                      px(row - 1) + "\"/>\n";
      drawing.body += text(x + column / 2, baseline, cell->text, value > 0.75 ? "on-color" : "ink",
                           Anchor::kMiddle);
    }
    drawing.height += row;
  }
  return drawing;
}

}  // namespace snn::report
