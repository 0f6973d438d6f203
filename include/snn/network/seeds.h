#pragma once

#include <cstdint>

namespace snn {

/// The random keys of an operation or a neuron: of its initial parameter values, or of its draws in
/// training.
struct Seeds {
  std::uint64_t seed = 1;
  std::uint32_t layer = 0;      ///< from 0
  std::uint32_t operation = 0;  ///< in the layer's chain, from 0; those that learn nothing do
                                ///< not count for those that do
};

}  // namespace snn
