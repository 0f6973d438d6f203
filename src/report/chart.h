#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/svg.h"

namespace snn::report {

/// The width of a phone, so that text is not reduced there; wider screens show charts side by side.
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

/// Data drawn in one colour. Non-finite points leave a gap.
struct Series {
  /// The label at its last point; empty: none. The first dots matter most: labels of others may be
  /// omitted.
  std::string name;
  std::vector<Point> points;
  Style style = Style::kLine;
  int color = 0;                    ///< from 0; from kColors on the colours repeat, dashed
  bool is_thin = false;             ///< one of many related lines
  std::vector<double> spread = {};  ///< half the height of a band around each point; empty: none
};

/// A reference value, such as a threshold: a dotted line across the panel.
struct Limit {
  std::string name;
  double y = 0;
};

struct Axis {
  std::string label;               ///< quantity and unit: "time (ms)"
  std::optional<double> low = {};  ///< its ends; else those of the data
  std::optional<double> high = {};
  bool is_log = false;    ///< logarithmic; values not above 0 are omitted
  bool is_whole = false;  ///< has ticks at whole numbers only
};

/// Neurons and their spikes: a row of marks per neuron, the first at the bottom.
struct Raster {
  std::vector<std::vector<double>> times;  ///< for each row, the x of its neuron's spikes
  int stride = 1;                          ///< row i is neuron i * stride
  double mark_width = 1.6;                 ///< px
  /// Highlighted rows, such as that of the label's class; empty: none.
  std::vector<int> highlighted = {};
};

/// One picture of a chart: series and limits, or the spikes of neurons.
struct Panel {
  std::string title = {};  ///< above it
  Axis y = Axis();
  std::vector<Series> series = {};
  std::vector<Limit> limits = {};
  Raster raster = Raster();  ///< if it has neurons, only these are drawn
  double height = 150;       ///< of the area within the axes
};

/// Vertically stacked panels that share their x axis.
struct Chart {
  std::string title;
  Axis x;
  std::vector<Panel> panels;
  double width = kChartWidth;
};
Drawing draw(const Chart& chart);

/// Horizontal bars from 0, each between its name and its value.
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

/// A table whose cells are coloured by their values.
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
