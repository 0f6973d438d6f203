#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "network/initial_values.h"

namespace snn {

/// initial_values() as a tensor of that shape.
torch::Tensor initial_tensor(const Seeds& seeds, InitialTensor tensor, std::int64_t inputs,
                             const std::vector<std::int64_t>& shape);

}  // namespace snn
