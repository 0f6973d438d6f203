#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/chart.h"
#include "report/scale.h"

namespace snn::report {

/// Line height of text, in px.
inline constexpr double kLine = 16;

/// The drawing area of a panel, in px.
struct Area {
  double left, right, top, bottom;
};

/// A path of SVG `commands` with the classes `looks`.
std::string path(std::string_view looks, const std::string& commands);

std::string line(std::string_view looks, double x1, double y1, double x2, double y2);

/// A filled circle; `name`, if not empty, is its tooltip.
std::string dot(const std::string& looks, double x, double y, double radius,
                const std::string& name);

/// `name` cut to at most `width` px, with an ellipsis if shortened.
std::string shortened(const std::string& name, double width);

/// The coordinates of a series' points that are on both axes, split at gaps.
std::vector<std::vector<Point>> pieces(const Series& series, const Scale& x, const Scale& y);

}  // namespace snn::report
