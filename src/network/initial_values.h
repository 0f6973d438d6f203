#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace snn {

/// Which of a layer's tensors initial values are for.
enum class InitialTensor : std::uint32_t { kWeight = 0, kBias = 1 };

/// The first `count` values of a tensor of layer `layer` (from 0) with so many inputs: uniform in
/// ±1/sqrt(inputs), as PyTorch's Linear, fixed by seed, layer and position alone.
std::vector<float> initial_values(std::uint64_t seed, std::size_t layer, InitialTensor tensor,
                                  std::int64_t inputs, std::size_t count);

}  // namespace snn
