#include "snn/numeric/shape.h"

#include <functional>
#include <numeric>

namespace snn {

std::int64_t element_count(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

}  // namespace snn
