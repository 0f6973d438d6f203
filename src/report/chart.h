#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/svg.h"

namespace snn::report {

/// As wide as a phone, so that text is not made smaller there; wider screens show charts side by
/// side.
inline constexpr double kChartWidth = 360;

struct Point {
  double x = 0;
  double y = 0;
};

enum class Style {
  kLine,
  kStep,    ///< holds its value until the next point
  kPoints,  ///< dots
};

/// What a chart draws in one colour. Points that are not finite leave a gap.
struct Series {
  /// Written beside its last point; empty: nothing is. Of dots, the first ones matter most: others
  /// may go without.
  std::string name;
  std::vector<Point> points;
  Style style = Style::kLine;
  int color = 0;                    ///< from 0; from kColors on they begin anew, dashed
  bool is_thin = false;             ///< one of many that belong together
  std::vector<double> spread = {};  ///< half the height of a band around each point; empty: none
};

/// A value that matters by itself, such as a threshold: a dotted line across the panel.
struct Limit {
  std::string name;
  double y = 0;
};

struct Axis {
  std::string label;               ///< what it measures, with the unit: "time (ms)"
  std::optional<double> low = {};  ///< its ends; else those of the data
  std::optional<double> high = {};
  bool is_log = false;    ///< by powers of ten; what is not above 0 has no place on it
  bool is_whole = false;  ///< has ticks at whole numbers only
};

/// Neurons and their spikes: a row of marks for each, the first at the bottom.
struct Raster {
  std::vector<std::vector<double>> times;  ///< for each row, the x of its neuron's spikes
  int stride = 1;                          ///< row i is neuron i * stride
  double mark_width = 1.6;                 ///< px
  /// Rows that stand out in a colour, such as that of the label's class; empty: none do.
  std::vector<int> highlighted = {};
};

/// One picture of a chart: series and limits, or the spikes of neurons.
struct Panel {
  std::string title = {};  ///< above it
  Axis y = Axis();
  std::vector<Series> series = {};
  std::vector<Limit> limits = {};
  Raster raster = Raster();  ///< if it has neurons, nothing else is drawn
  double height = 150;       ///< of the area within the axes
};

/// Panels one below the other that share their x axis.
struct Chart {
  std::string title;
  Axis x;
  std::vector<Panel> panels;
  double width = kChartWidth;
};
Drawing draw(const Chart& chart);

/// Horizontal bars from 0 with the name before and the value after each.
struct Bar {
  std::string name;
  double value = 0;
  std::string text;  ///< of the value, with its unit
  bool is_highlighted = false;
};
struct BarChart {
  std::string title;
  std::vector<Bar> bars;
  double width = kChartWidth;
};
Drawing draw(const BarChart& chart);

/// A table whose cells are the more coloured the higher their value is.
struct Cell {
  double value = 0;  ///< from 0, no colour, to 1
  std::string text;
};
struct HeatMap {
  std::string title;
  std::string row_label, column_label;
  std::vector<std::string> rows, columns;
  std::vector<std::vector<std::optional<Cell>>> cells;  ///< [row][column]
  double width = kChartWidth;
};
Drawing draw(const HeatMap& map);

/// A grey picture, row by row; 0 is black, 255 white.
struct Image {
  std::int64_t rows = 0, columns = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<std::string> caption = {};  ///< lines below it
};
/// `images` in rows, each `size` px high and wide.
Drawing draw(const std::string& title, std::span<const Image> images, double size,
             double width = kChartWidth);

}  // namespace snn::report
