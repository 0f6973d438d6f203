#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "snn/network/seeds.h"

namespace snn {

/// The tensor of an operation whose initial values are drawn.
enum class InitialTensor : std::uint32_t {
  kWeight = 0,
  kBias = 1,
  kRecurrentWeight = 2,
  kRecurrentBias = 3,
  kDelay = 4,
  kFactor = 5,
};

/// The first `count` initial values of a tensor with `inputs` inputs: uniform in ±1/sqrt(inputs),
/// as in PyTorch's Linear, determined by seed, layer, operation and position alone.
std::vector<float> initial_values(const Seeds& seeds, InitialTensor tensor, std::int64_t inputs,
                                  std::size_t count);

}  // namespace snn
