#pragma once

#include <cstdint>
#include <span>

namespace snn {

/// The context of a forward pass: everything besides input and parameters that affects its numbers.
/// Random draws of a pass (dropout, encoding) are keyed by seed, epoch and sample, never by thread,
/// order or place in the batch.
struct Pass {
  bool is_training = false;  ///< true if a parameter update follows
  std::uint64_t seed = 1;    ///< random seed of the run
  std::uint64_t epoch = 0;   ///< epoch of training, from 1; 0: before the first, or none
  std::span<const std::uint32_t> samples;  ///< (B) numbers in the data set; empty: unknown
};

}  // namespace snn
