#include "report/dot_labels.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "report/svg.h"

namespace snn::report {
namespace {

struct Box {
  double left, top, right, bottom;
  bool overlaps(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  double distance(const Point& point) const {
    return std::hypot(std::max({left - point.x, 0.0, point.x - right}),
                      std::max({top - point.y, 0.0, point.y - bottom}));
  }
};

// The obstacles for the labels of dots.
struct Taken {
  Box inside;  // labels stay within it
  std::vector<Point> dots;
  std::vector<Box> labels;
};

Box box_of(const Point& start, double width) {
  return {start.x, start.y - 10, start.x + width, start.y + 3};
}

// True if a label overlaps nothing and clearly belongs to its own dot.
bool is_free(const Box& box, const Point& dot, const Taken& taken, bool has_leader) {
  constexpr double kClear = 6, kClearer = 4;  // from other dots; than to them
  const Box& inside = taken.inside;
  if (box.left < inside.left || box.right > inside.right || box.top < inside.top ||
      box.bottom > inside.bottom) {
    return false;
  }
  const double nearest = has_leader ? kClear : box.distance(dot) + kClearer;
  const auto is_too_near = [&](const Point& other) {
    const bool is_itself = other.x == dot.x && other.y == dot.y;
    return !is_itself && box.distance(other) < nearest;
  };
  const auto hits = [&](const Box& other) { return box.overlaps(other); };
  return std::ranges::none_of(taken.dots, is_too_near) && std::ranges::none_of(taken.labels, hits);
}

// Places the label of a dot beside it or, for an important dot, farther away at the end of a thin
// line; nothing if there is no room: the dot still has its tooltip.
std::string draw_dot_label(const std::string& name, const Point& at, bool matters, Taken& taken) {
  const double width = text_width(name);
  // Candidate positions, the best first.
  const Point beside[] = {{at.x + 8, at.y + 4},         {at.x - 8 - width, at.y + 4},
                          {at.x - width / 2, at.y - 9}, {at.x - width / 2, at.y + 18},
                          {at.x + 6, at.y - 8},         {at.x + 6, at.y + 16},
                          {at.x - 6 - width, at.y - 8}, {at.x - 6 - width, at.y + 16}};
  for (const Point& start : beside) {
    const Box box = box_of(start, width);
    if (!is_free(box, at, taken, false)) continue;
    taken.labels.push_back(box);
    return text(start.x, start.y, name);
  }
  for (int i = 0; matters && i < 40; ++i) {
    // To the right and left, up and down, farther and farther.
    const int rows = i / 4 % 5, columns = i / 20;
    const double side = i % 2 == 0 ? 1 : -1, way = i / 2 % 2 == 0 ? 1 : -1;
    const Point end{at.x + side * (16 + 10 * columns), at.y + way * 14 * rows};
    const Box box = box_of({side > 0 ? end.x + 2 : end.x - 2 - width, end.y + 4}, width);
    if (!is_free(box, at, taken, true)) continue;
    taken.labels.push_back(box);
    return line("limit", at.x, at.y, end.x, end.y) + text(box.left, box.bottom - 3, name);
  }
  return "";
}

}  // namespace

std::string draw_dot_labels(const Panel& panel, const Scale& x, const Scale& y, const Area& area) {
  constexpr int kMatter = 5;
  Taken taken{{area.left, area.top - 8, area.right + 8, area.bottom}, {}, {}};
  std::vector<std::pair<const Series*, Point>> named;
  for (const Series& series : panel.series) {
    for (const auto& piece : pieces(series, x, y)) {
      taken.dots.insert(taken.dots.end(), piece.begin(), piece.end());
      if (!series.name.empty()) named.emplace_back(&series, piece.back());
    }
  }
  std::string body;
  int before = 0;
  for (const auto& [series, at] : named) {
    body += draw_dot_label(series->name, at, before++ < kMatter, taken);
  }
  return body;
}

}  // namespace snn::report
