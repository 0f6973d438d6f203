#include "report/marks.h"

#include <cmath>

#include "report/svg.h"

namespace snn::report {
namespace {

bool is_drawn(const Point& point, const Scale& x, const Scale& y) {
  return std::isfinite(point.x) && std::isfinite(point.y) && (!x.is_log || point.x > 0) &&
         (!y.is_log || point.y > 0);
}

}  // namespace

std::string path(std::string_view looks, const std::string& commands) {
  return "<path class=\"" + std::string(looks) + "\" d=\"" + commands + "\"/>\n";
}

std::string line(std::string_view looks, double x1, double y1, double x2, double y2) {
  return path(looks, "M" + px(x1) + " " + px(y1) + "L" + px(x2) + " " + px(y2));
}

std::string dot(const std::string& looks, double x, double y, double radius,
                const std::string& name) {
  const std::string start = "<circle class=\"" + looks + "\" cx=\"" + px(x) + "\" cy=\"" + px(y) +
                            "\" r=\"" + px(radius) + "\"";
  return name.empty() ? start + "/>\n" : start + "><title>" + escape(name) + "</title></circle>\n";
}

std::string shortened(const std::string& name, double width) {
  if (text_width(name) <= width) return name;
  std::string start = name;
  while (!start.empty() && text_width(start) + kTextSize > width) {
    // Whole characters.
    while ((static_cast<unsigned char>(start.back()) & 0xc0) == 0x80) start.pop_back();
    start.pop_back();
  }
  return start + "…";
}

std::vector<std::vector<Point>> pieces(const Series& series, const Scale& x, const Scale& y) {
  std::vector<std::vector<Point>> all(1);
  for (const Point& point : series.points) {
    if (is_drawn(point, x, y)) {
      all.back().push_back({x(point.x), y(point.y)});
    } else if (!all.back().empty()) {
      all.emplace_back();
    }
  }
  if (all.back().empty()) all.pop_back();
  return all;
}

}  // namespace snn::report
