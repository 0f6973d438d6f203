#pragma once

#include <cstdint>
#include <span>

namespace snn {

/// What an operation has to know of a pass through the network besides its input, so that nothing
/// hidden decides a number: random draws are keyed by seed, epoch and sample.
struct Pass {
  bool is_training = false;
  std::uint64_t seed = 1;
  std::uint64_t epoch = 0;                      ///< from 1; 0 outside of training
  std::span<const std::uint32_t> samples = {};  ///< the number in the data set of each of the batch
};

}  // namespace snn
