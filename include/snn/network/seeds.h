#pragma once

#include <cstdint>

namespace snn {

/// What keys the initial values of an operation's or a neuron's parameters.
struct Seeds {
  std::uint64_t seed = 1;
  std::uint32_t layer = 0;      ///< from 0
  std::uint32_t operation = 0;  ///< in the layer's chain, from 0
};

}  // namespace snn
