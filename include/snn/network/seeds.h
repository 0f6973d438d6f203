#pragma once

#include <cstdint>

namespace snn {

/// The random keys of the initial parameter values of an operation or a neuron.
struct Seeds {
  std::uint64_t seed = 1;
  std::uint32_t layer = 0;      ///< from 0
  std::uint32_t operation = 0;  ///< in the layer's chain, from 0
};

}  // namespace snn
