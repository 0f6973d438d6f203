#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/fused/fused_network.h"

namespace snn::fused {

// Definitions shared by the sources of FusedNetwork.

/// Each piece of a layer's work is one block of neurons for one part of the samples, or the weights
/// of one block for that many inputs. Sums of subsets are computed once per piece, and cost more
/// for spikes than for pixels.
inline constexpr std::int64_t kPixelsInPiece = 112;
inline constexpr std::int64_t kSpikesInPiece = 4 * kernels::kBlock;

inline std::int64_t pieces_of(std::int64_t whole, std::int64_t piece) {
  return (whole + piece - 1) / piece;
}

inline std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
inline std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace snn::fused
