#include "report/thinned.h"

#include <algorithm>
#include <cstddef>

namespace snn::report {

std::vector<Point> thinned(const std::vector<double>& times, const std::vector<double>& values) {
  constexpr std::size_t kPlaces = 800;
  const std::size_t stride = values.size() / kPlaces;
  std::vector<Point> points;
  if (stride < 3) {
    for (std::size_t i = 0; i < values.size(); ++i) points.push_back({times[i], values[i]});
    return points;
  }
  for (std::size_t first = 0; first < values.size(); first += stride) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(stride, values.size() - first));
    auto [one, other] = std::minmax_element(begin, end);
    if (other < one) std::swap(one, other);
    for (const auto at : {one, other}) {
      points.push_back({times[static_cast<std::size_t>(at - values.begin())], *at});
      if (one == other) break;
    }
  }
  return points;
}

}  // namespace snn::report
