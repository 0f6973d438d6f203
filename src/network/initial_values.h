#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "snn/network/seeds.h"

namespace snn {

/// Which of an operation's tensors initial values are for.
enum class InitialTensor : std::uint32_t { kWeight = 0, kBias = 1 };

/// The first `count` values of a tensor with that many inputs: uniform in ±1/sqrt(inputs), as
/// PyTorch's Linear, fixed by seed, layer, operation and position alone.
std::vector<float> initial_values(const Seeds& seeds, InitialTensor tensor, std::int64_t inputs,
                                  std::size_t count);

}  // namespace snn
