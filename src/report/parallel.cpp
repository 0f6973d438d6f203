#include "report/parallel.h"

#include <algorithm>
#include <cmath>

#include "snn/text/text.h"

namespace snn::report {
namespace {

constexpr double kHeading = 46;   // above the first axis: title and the axis' name
constexpr double kDistance = 58;  // from an axis to the next
constexpr double kMargin = 24;    // at both ends, for half a label

// A text that stays readable above lines.
std::string text_over_lines(double x, double y, const std::string& content, std::string_view looks,
                            Anchor anchor) {
  const double width = text_width(content) + 4;
  const double left = anchor == Anchor::kMiddle ? x - width / 2 : x;
  return "<rect class=\"ground\" fill-opacity=\".85\" x=\"" + px(left) + "\" y=\"" + px(y - 11) +
         "\" width=\"" + px(width) + "\" height=\"14\"/>\n" + text(x, y, content, looks, anchor);
}

std::string draw_axis(const ParallelAxis& axis, double y, double width) {
  const double room = width - 2 * kMargin;
  std::string body = "<path class=\"axis\" d=\"M" + px(kMargin) + " " + px(y) + "H" +
                     px(width - kMargin) + "\"/>\n";
  body += text_over_lines(0, y - 8, axis.name, "title", Anchor::kStart);
  double free = 0;  // the earliest start of the next label
  for (const auto& [position, label] : axis.labels) {
    const double x = kMargin + position * room;
    body += "<path class=\"axis\" d=\"M" + px(x) + " " + px(y - 3) + "v6\"/>\n";
    const double half = text_width(label) / 2;
    const double middle = std::clamp(x, half, std::max(half, width - half));
    if (middle - half < free) continue;
    free = middle + half + 6;
    body += text_over_lines(middle, y + 16, label, "muted", Anchor::kMiddle);
  }
  return body;
}

std::string draw_line(const ParallelLine& line, double width) {
  const double room = width - 2 * kMargin;
  std::string commands;
  for (std::size_t i = 0; i < line.at.size() && line.at[i]; ++i) {
    const double y = kHeading + static_cast<double>(i) * kDistance;
    commands += (i == 0 ? "M" : "L") + px(kMargin + *line.at[i] * room) + " " + px(y);
  }
  const std::string looks = line.is_best ? "line s1" : "line s0";
  const double opacity = line.is_best ? 1 : 0.12 + 0.6 * line.share * line.share;
  return "<path class=\"" + looks + "\" stroke-opacity=\"" +
         format_real(std::round(opacity * 100) / 100) + "\" d=\"" + commands + "\"><title>" +
         escape(line.name) + "</title></path>\n";
}

}  // namespace

Drawing draw(const ParallelChart& chart) {
  Drawing drawing{chart.title, chart.width, 0, text(0, 13, chart.title, "title")};
  drawing.height = kHeading + static_cast<double>(chart.axes.size()) * kDistance - kDistance + 22;
  std::vector<const ParallelLine*> lines;
  for (const ParallelLine& line : chart.lines) {
    if (!line.at.empty() && line.at[0]) lines.push_back(&line);
  }
  // The best are drawn last, above all others.
  std::ranges::stable_sort(
      lines, {}, [](const ParallelLine* line) { return std::pair(line->is_best, line->share); });
  for (const ParallelLine* line : lines) drawing.body += draw_line(*line, chart.width);
  for (std::size_t i = 0; i < chart.axes.size(); ++i) {
    drawing.body +=
        draw_axis(chart.axes[i], kHeading + static_cast<double>(i) * kDistance, chart.width);
  }
  return drawing;
}

}  // namespace snn::report
