#pragma once

#include <cstdint>

namespace snn {

/// Spikes over time as bits: bit t of word w is step 30 w + t of its neuron or input. Tables of the
/// sums over five steps, by which the fused engine reads them, divide 30 but not 32.
inline constexpr int kStepsPerWord = 30;

/// The number of words of T steps.
constexpr std::int64_t words_of(std::int64_t steps) {
  return (steps + kStepsPerWord - 1) / kStepsPerWord;
}

}  // namespace snn
