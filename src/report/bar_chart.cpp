#include <algorithm>

#include "report/chart.h"
#include "report/marks.h"

namespace snn::report {

Drawing draw(const BarChart& chart) {
  constexpr double kRow = 20, kThick = 13;
  double names = 0, texts = 0, most = 0;
  for (const Bar& bar : chart.bars) {
    names = std::max(names, text_width(bar.name));
    texts = std::max(texts, text_width(bar.text));
    most = std::max(most, bar.value);
  }
  names = std::min(names, chart.width * 0.4);
  const double left = names + 8;
  const double room = std::max(20.0, chart.width - left - texts - 10);
  Drawing drawing{chart.title, chart.width, 0, ""};
  if (!chart.title.empty()) {
    drawing.body += text(0, 13, chart.title, "title");
    drawing.height = 22;
  }
  for (const Bar& bar : chart.bars) {
    const double baseline = drawing.height + 13;
    const double length = most > 0 && bar.value > 0 ? bar.value / most * room : 0;
    drawing.body += text(names, baseline, shortened(bar.name, names), "ink", Anchor::kEnd);
    drawing.body += "<rect class=\"" + fill_class(bar.is_highlighted ? 1 : 0) + "\" x=\"" +
                    px(left) + "\" y=\"" + px(drawing.height + 2) + "\" width=\"" + px(length) +
                    "\" height=\"" + px(kThick) + "\"/>\n";
    drawing.body += text(left + length + 6, baseline, bar.text, "muted");
    drawing.height += kRow;
  }
  return drawing;
}

}  // namespace snn::report
