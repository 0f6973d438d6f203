#pragma once

#include <cstdint>
#include <vector>

namespace snn {

/// The sizes of a layer's input or output, without time and batch: {1, 28, 28} (channels, height,
/// width) or {500}.
using Shape = std::vector<std::int64_t>;

/// The number of values of that shape: the product of its sizes.
std::int64_t element_count(const Shape& shape);

}  // namespace snn
