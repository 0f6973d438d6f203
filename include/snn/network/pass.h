#pragma once

#include <cstdint>
#include <span>

namespace snn {

/// What a forward pass through a network is for, and of which samples: all that decides a number
/// besides input and parameters. Random draws of a pass (dropout, encoding) are keyed by seed,
/// epoch and sample, never by thread, order or place in the batch.
struct Pass {
  bool is_training = false;                ///< whether parameters are going to be updated
  std::uint64_t seed = 1;                  ///< of the run
  std::uint64_t epoch = 0;                 ///< being trained, from 1; 0: before the first, or none
  std::span<const std::uint32_t> samples;  ///< (B) numbers in the data set; empty: not known
};

}  // namespace snn
