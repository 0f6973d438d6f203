#include "report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/dot_labels.h"
#include "report/marks.h"
#include "report/scale.h"

namespace snn::report {
namespace {

constexpr double kLabelGap = 14;  // between labels at the ends of lines
constexpr double kLeader = 14;    // from the end of a line to its label
constexpr double kPanelGap = 14;

// The values on an axis.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  bool is_empty() const { return low > high; }
  void add(double value, bool is_log) {
    if (!std::isfinite(value) || (is_log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

bool has_points_only(const Panel& panel) {
  return !panel.series.empty() && std::ranges::all_of(panel.series, [](const Series& series) {
    return series.style == Style::kPoints;
  });
}

// ---- scales

Scale scale(const Axis& axis, const Extent& extent, bool is_rounded, int count) {
  Scale scale;
  scale.is_log = axis.is_log;
  Extent data = extent;
  if (data.is_empty()) data = axis.is_log ? Extent{1, 10} : Extent{0, 1};
  if (axis.is_log) {
    if (data.low == data.high) data = {data.low / 2, data.high * 2};
    if (is_rounded) data = {data.low / 1.15, data.high * 1.15};
  } else if (is_rounded || data.low == data.high) {
    const Ends ends = rounded_outward(data.low, data.high, count);
    data = {ends.low, ends.high};
  }
  scale.low = axis.low.value_or(data.low);
  scale.high = axis.high.value_or(data.high);
  return scale;
}

std::vector<double> ticks_of(const Scale& scale, int count, bool is_whole) {
  return scale.is_log ? log_ticks(scale.low, scale.high, count)
                      : ticks(scale.low, scale.high, count, is_whole);
}

Scale x_scale(const Chart& chart) {
  Extent extent;
  bool is_rounded = false;
  for (const Panel& panel : chart.panels) {
    for (const Series& series : panel.series) {
      for (const Point& point : series.points) extent.add(point.x, chart.x.is_log);
    }
    for (const auto& times : panel.raster.times) {
      for (const double time : times) extent.add(time, chart.x.is_log);
    }
    is_rounded = is_rounded || has_points_only(panel);
  }
  return scale(chart.x, extent, is_rounded, 5);
}

int y_ticks(const Panel& panel) { return std::max(2, static_cast<int>(panel.height / 32)); }

Scale y_scale(const Panel& panel) {
  if (!panel.raster.times.empty()) {
    const double stride = panel.raster.stride;
    return {-0.5 * stride, (static_cast<double>(panel.raster.times.size()) - 0.5) * stride};
  }
  Extent extent;
  for (const Series& series : panel.series) {
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const double spread = i < series.spread.size() ? series.spread[i] : 0;
      extent.add(series.points[i].y - spread, panel.y.is_log);
      extent.add(series.points[i].y + spread, panel.y.is_log);
    }
  }
  for (const Limit& limit : panel.limits) extent.add(limit.y, panel.y.is_log);
  if (has_points_only(panel) && !extent.is_empty() && !panel.y.is_log) {
    // Room for the labels of dots.
    const double room = (extent.high - extent.low) * 0.08;
    extent.low -= room;
    extent.high += room;
  }
  return scale(panel.y, extent, true, y_ticks(panel));
}

std::vector<double> y_ticks_of(const Panel& panel, const Scale& y) {
  if (panel.raster.times.empty()) return ticks_of(y, y_ticks(panel), panel.y.is_whole);
  const auto neurons = static_cast<int>(panel.raster.times.size());
  const int most = std::max(1, static_cast<int>(panel.height / kLabelGap));
  if (neurons == 1) return {};
  constexpr int kMost = 6;
  return ticks(0, (neurons - 1) * panel.raster.stride,
               neurons <= most ? neurons : std::min(y_ticks(panel), kMost), true);
}

// ---- the contents of a panel

std::string polyline(const std::vector<Point>& points, bool is_step) {
  std::string commands = "M" + px(points[0].x) + " " + px(points[0].y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    commands += is_step ? "H" + px(points[i].x) + "V" + px(points[i].y)
                        : "L" + px(points[i].x) + " " + px(points[i].y);
  }
  return commands;
}

std::string draw_band(const Series& series, const Scale& x, const Scale& y) {
  Series upper = series, lower = series;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const double spread = i < series.spread.size() ? series.spread[i] : 0;
    upper.points[i].y += spread;
    lower.points[i].y -= spread;
    // A lower edge below every value of a logarithmic axis.
    if (y.is_log) lower.points[i].y = std::max(lower.points[i].y, y.low);
  }
  const auto above = pieces(upper, x, y), below = pieces(lower, x, y);
  std::string body;
  for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
    std::vector<Point> outline = above[i];
    outline.insert(outline.end(), below[i].rbegin(), below[i].rend());
    body += path(fill_class(series.color) + " band", polyline(outline, false) + "Z");
  }
  return body;
}

std::string draw_series(const Series& series, const Scale& x, const Scale& y) {
  std::string body;
  if (!series.spread.empty()) body += draw_band(series, x, y);
  const std::string fill = fill_class(series.color);
  for (const std::vector<Point>& piece : pieces(series, x, y)) {
    if (series.style == Style::kPoints || piece.size() == 1) {
      for (const Point& point : piece) body += dot(fill, point.x, point.y, 4, series.name);
      continue;
    }
    const bool is_dashed = series.color / kColors % 2 == 1;
    body += path(stroke_class(series.color) + (series.is_thin ? " faint" : " line") +
                     (is_dashed ? " dashed" : ""),
                 polyline(piece, series.style == Style::kStep));
  }
  return body;
}

std::string draw_raster(const Raster& raster, const Scale& x, const Scale& y, const Area& area) {
  const double row = (area.bottom - area.top) / static_cast<double>(raster.times.size());
  constexpr double kLowest = 3;  // rows lower than this have no gap
  const double height = row < kLowest ? row : row * 0.8;
  std::string plain, colored;
  for (std::size_t i = 0; i < raster.times.size(); ++i) {
    const bool is_highlighted =
        std::ranges::find(raster.highlighted, static_cast<int>(i)) != raster.highlighted.end();
    std::string& commands = is_highlighted ? colored : plain;
    const double top = y(static_cast<double>(i) * raster.stride) - height / 2;
    for (const double time : raster.times[i]) {
      if (!std::isfinite(time) || time < x.low || time > x.high) continue;
      commands += "M" + px(x(time)) + " " + px(top) + "v" + px(height);
    }
  }
  const auto marks = [&](std::string_view looks, const std::string& commands) {
    return commands.empty() ? ""
                            : "<path class=\"spike " + std::string(looks) +
                                  "\" style=\"stroke-width:" + px(raster.mark_width) + "\" d=\"" +
                                  commands + "\"/>\n";
  };
  const std::string body = marks("ticks", plain) + marks("s1", colored);
  if (!body.empty()) return body;
  return text((area.left + area.right) / 2, (area.top + area.bottom) / 2 + 4, "no spikes", "muted",
              Anchor::kMiddle);
}

// ---- labels

struct Label {
  std::string name;
  int color;     // below 0: none
  Point end;     // the labelled point
  double y = 0;  // the label's position
};

// The labels of lines and limits at the right edge, apart from one another.
std::vector<Label> end_labels(const Panel& panel, const Scale& x, const Scale& y,
                              const Area& area) {
  std::vector<Label> labels;
  for (const Series& series : panel.series) {
    const auto drawn = pieces(series, x, y);
    if (series.name.empty() || drawn.empty()) continue;
    const Point end = drawn.back().back();
    labels.push_back({series.name, series.color, end, end.y});
  }
  for (const Limit& limit : panel.limits) {
    if (!limit.name.empty())
      labels.push_back({limit.name, -1, {area.right, y(limit.y)}, y(limit.y)});
  }
  std::ranges::stable_sort(labels, {}, &Label::y);
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + kLabelGap);
  }
  // Labels pushed below the bottom are moved up again.
  double lowest = area.bottom;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, lowest);
    lowest = label->y - kLabelGap;
  }
  return labels;
}

std::string draw_end_labels(const std::vector<Label>& labels, const Area& area, double width) {
  std::string body;
  for (const Label& label : labels) {
    const std::string stroke = label.color < 0 ? "limit" : "leader " + stroke_class(label.color);
    body +=
        path(stroke, "M" + px(label.end.x) + " " + px(label.end.y) + "L" +
                         px(std::max(label.end.x, area.right) + kLeader - 4) + " " + px(label.y));
    if (label.color >= 0) {
      body += dot(fill_class(label.color), label.end.x, label.end.y, 3, label.name);
    }
    body += text(area.right + kLeader, label.y + 4,
                 shortened(label.name, width - area.right - kLeader));
  }
  return body;
}

// ---- axes

std::string draw_y_axis(const std::vector<double>& at, const Scale& y, const Area& area) {
  const auto labels = tick_labels(at, y.is_log);
  std::string body;
  for (std::size_t i = 0; i < at.size(); ++i) {
    body += line("grid", area.left, y(at[i]), area.right, y(at[i]));
    body += text(area.left - 6, y(at[i]) + 4, labels[i], "muted", Anchor::kEnd);
  }
  return body;
}

std::string draw_x_axis(const Chart& chart, const Scale& x, const Area& area) {
  std::string body = line("axis", area.left, area.bottom, area.right, area.bottom);
  const int count = std::max(2, static_cast<int>((area.right - area.left) / 55));
  const auto at = ticks_of(x, count, chart.x.is_whole);
  const auto labels = tick_labels(at, x.is_log);
  double free = 0;  // the earliest start of the next label
  for (std::size_t i = 0; i < at.size(); ++i) {
    body += line("axis", x(at[i]), area.bottom, x(at[i]), area.bottom + 4);
    const double half = text_width(labels[i]) / 2;
    if (x(at[i]) - half < free) continue;
    free = x(at[i]) + half + 6;
    body += text(x(at[i]), area.bottom + kLine, labels[i], "muted", Anchor::kMiddle);
  }
  return body + text((area.left + area.right) / 2, area.bottom + 2 * kLine, chart.x.label, "muted",
                     Anchor::kMiddle);
}

// A panel ready to be drawn: its heading, then its area.
struct Layout {
  Scale y;
  std::vector<double> ticks;
  double heading;  // height of title and axis label
  double label_width;
};

Layout lay_out(const Panel& panel, double widest) {
  Layout layout{y_scale(panel), {}, 8, 0};
  layout.ticks = y_ticks_of(panel, layout.y);
  if (!panel.title.empty()) layout.heading += kLine;
  if (!panel.y.label.empty()) layout.heading += kLine;
  if (has_points_only(panel)) return layout;
  for (const Series& series : panel.series) {
    layout.label_width = std::max(layout.label_width, text_width(series.name));
  }
  for (const Limit& limit : panel.limits) {
    layout.label_width = std::max(layout.label_width, text_width(limit.name));
  }
  layout.label_width = std::min(layout.label_width, widest);
  return layout;
}

std::string draw_panel(const Panel& panel, const Layout& layout, Scale x, const Area& area,
                       double width) {
  std::string body;
  double heading = area.top - layout.heading + 12;
  if (!panel.title.empty()) body += text(0, heading, panel.title, "title");
  if (!panel.title.empty()) heading += kLine;
  body += panel.y.label.empty() ? "" : text(0, heading, panel.y.label, "muted");

  Scale y = layout.y;
  y.from = area.bottom;
  y.to = area.top;
  body += draw_y_axis(layout.ticks, y, area);
  if (!panel.raster.times.empty()) return body + draw_raster(panel.raster, x, y, area);
  for (const Limit& limit : panel.limits) {
    body += line("limit", area.left, y(limit.y), area.right, y(limit.y));
  }
  for (const Series& series : panel.series) body += draw_series(series, x, y);
  body += has_points_only(panel) ? draw_dot_labels(panel, x, y, area)
                                 : draw_end_labels(end_labels(panel, x, y, area), area, width);
  return body;
}

}  // namespace

Drawing draw(const Chart& chart) {
  Drawing drawing{chart.title, chart.width, chart.title.empty() ? 0.0 : 20.0, ""};
  if (!chart.title.empty()) drawing.body += text(0, 13, chart.title, "title");

  Scale x = x_scale(chart);
  std::vector<Layout> layouts;
  double left = 0, right = 12;
  for (const Panel& panel : chart.panels) {
    const Layout& layout = layouts.emplace_back(lay_out(panel, chart.width * 0.4));
    for (const std::string& label : tick_labels(layout.ticks, layout.y.is_log)) {
      left = std::max(left, text_width(label) + 8);
    }
    if (layout.label_width > 0) right = std::max(right, layout.label_width + kLeader + 2);
  }
  x.from = left;
  // Half of the last x label extends beyond its tick.
  const auto labels = tick_labels(ticks_of(x, 5, chart.x.is_whole), x.is_log);
  if (!labels.empty()) right = std::max(right, text_width(labels.back()) / 2 + 2);
  x.to = chart.width - right;

  for (std::size_t i = 0; i < chart.panels.size(); ++i) {
    const double top = drawing.height + layouts[i].heading;
    const Area area{left, chart.width - right, top, top + chart.panels[i].height};
    drawing.body += draw_panel(chart.panels[i], layouts[i], x, area, chart.width);
    drawing.height = area.bottom;
    const bool is_last = i + 1 == chart.panels.size();
    drawing.body += is_last ? draw_x_axis(chart, x, area)
                            : line("axis", area.left, area.bottom, area.right, area.bottom);
    drawing.height += is_last ? (chart.x.label.empty() ? kLine : 2 * kLine) + 6 : kPanelGap;
  }
  return drawing;
}

}  // namespace snn::report
