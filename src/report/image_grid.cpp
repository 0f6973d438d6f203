#include <algorithm>

#include "report/chart.h"
#include "report/marks.h"
#include "report/png.h"

namespace snn::report {

Drawing draw(const std::string& title, std::span<const Image> images, double size, double width) {
  std::size_t lines = 0;
  for (const Image& image : images) lines = std::max(lines, image.caption.size());
  const double caption = static_cast<double>(lines) * kLine;
  const double gap = 8;
  const auto columns =
      std::max<std::size_t>(1, static_cast<std::size_t>((width + gap) / (size + gap)));
  Drawing drawing{title, width, 0, ""};
  if (!title.empty()) {
    drawing.body += text(0, 13, title, "title");
    drawing.height = 22;
  }
  const double top = drawing.height;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Image& image = images[i];
    const std::size_t row = i / columns;
    const double x = static_cast<double>(i % columns) * (size + gap);
    const double y = top + static_cast<double>(row) * (size + caption + gap);
    drawing.body += "<image x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(size) +
                    "\" height=\"" + px(size) + "\" href=\"data:image/png;base64," +
                    base64(grey_png(image.rows, image.columns, image.pixels)) + "\"/>\n";
    for (std::size_t k = 0; k < image.caption.size(); ++k) {
      drawing.body += text(x + size / 2, y + size + 13 + static_cast<double>(k) * kLine,
                           image.caption[k], "ink", Anchor::kMiddle);
    }
    drawing.height = y + size + caption + gap;
  }
  return drawing;
}

}  // namespace snn::report
