#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/fused/fused_network.h"

namespace snn::fused {

// What the sources of FusedNetwork share.

/// A layer's work on a part of the samples is a piece, for each block of its neurons. So are the
/// weights of a block from that many inputs. Sums of subsets are computed once in each piece: those
/// of spikes cost more than those of pixels.
inline constexpr std::int64_t kPixelsInPiece = 112;
inline constexpr std::int64_t kSpikesInPiece = 4 * kernels::kBlock;

/// The learnable options of Leaky in the order in which its fields() state them.
inline constexpr int kBeta = 0, kThreshold = 1, kSummedParameters = 2;

/// What kernels::LeakySums points at, in the order in which a layer keeps it: after these the
/// gradients of its first neuron parameters.
inline constexpr int kCurrent = 0, kSquare = 1, kOfParameters = 2;
inline constexpr int kSums = kOfParameters + kSummedParameters;

inline std::int64_t pieces_of(std::int64_t whole, std::int64_t piece) {
  return (whole + piece - 1) / piece;
}

inline std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
inline std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }

}  // namespace snn::fused
