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
  /// (B) numbers in the data set; empty: unknown, and the place in the batch stands for them.
  std::span<const std::uint32_t> samples;
  /// Truncated backpropagation through time: gradients do not flow from a step t that is a multiple
  /// of `window` to the state before it; 0: they flow through all steps.
  std::int64_t window = 0;

  std::uint32_t sample(std::int64_t place) const {
    return samples.empty() ? static_cast<std::uint32_t>(place)
                           : samples[static_cast<std::size_t>(place)];
  }
};

}  // namespace snn
