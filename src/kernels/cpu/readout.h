#pragma once

// Currents from spikes into few neurons, as a network's last layer has them: with AVX-512, where a
// register holds a table of 16 sums.

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

#if defined(__AVX512F__)

namespace snn::kernels {
namespace {

constexpr int kTableBits = 4;
constexpr std::int64_t kTablesOfBlock = kBlock / kTableBits;
// The number of whole blocks of inputs whose tables fit in the scratch.
constexpr std::int64_t kReadoutBlocks =
    static_cast<std::int64_t>(kScratchFloats) / (kTablesOfBlock * kGroup * kWidth);
// The number of vectors of 16 rows computed side by side, for which a table is loaded once.
constexpr int kRowVectors = 4;

// For each `kTableBits` inputs, for each neuron: the sums of every subset of their weights.
inline void make_tables(int neurons, const float* weights, std::int64_t inputs, float* tables) {
  Floats has_bit[kTableBits];
  for (int bit = 0; bit < kTableBits; ++bit) {
    for (int subset = 0; subset < kWidth; ++subset) {
      has_bit[bit][subset] = static_cast<float>(subset >> bit & 1);
    }
  }
  const std::int64_t whole = inputs / kTableBits * kTableBits;
  for (std::int64_t input = 0; input < inputs; input += kTableBits) {
    const int bits = input < whole ? kTableBits : static_cast<int>(inputs - whole);
    for (int n = 0; n < neurons; ++n, tables += kWidth) {
      Floats sums{};
      for (int bit = 0; bit < bits; ++bit) {
        sums += has_bit[bit] * weights[(input + bit) * kGroup + n];
      }
      store(tables, sums);
    }
  }
}

// The bits of the first 32 inputs of a block (with `kUpper`, of the second 32) in 16 rows, of which
// `rows` exist.
template <bool kUpper>
inline __m512i bits_of_rows(const std::uint16_t* masks, std::int64_t rows) {
  const auto half = [&](std::int64_t first) {
    const std::int64_t count = rows - first;
    const unsigned there = count >= 8 ? 0xffU : count <= 0 ? 0U : (1U << count) - 1;
    return _mm512_maskz_loadu_epi64(static_cast<__mmask8>(there), masks + first * kMasksOfBlock);
  };
  Ints wanted{};
  SNN_UNROLL
  for (int i = 0; i < kWidth; ++i) wanted[i] = 2 * i + (kUpper ? 1 : 0);
  return _mm512_permutex2var_epi32(half(0), __m512i(wanted), half(8));
}

// Adds the currents of `kNeurons` neurons in kRowVectors * 16 rows to sums (neurons,rows).
template <int kNeurons>
inline void look_up(int neurons, const float* tables, std::int64_t groups,
                    const std::uint16_t* masks, std::ptrdiff_t block_stride, std::int64_t rows,
                    float* sums) {
  Floats sum[kNeurons][kRowVectors];
  SNN_UNROLL
  for (int n = 0; n < kNeurons; ++n) {
    SNN_UNROLL
    for (int v = 0; v < kRowVectors; ++v) sum[n][v] = load(sums + (n * kRowVectors + v) * kWidth);
  }
  constexpr std::int64_t kGroupsOfHalf = kTablesOfBlock / 2;
  for (std::int64_t first = 0; first < groups; first += kGroupsOfHalf) {
    const bool is_upper = first % kTablesOfBlock != 0;
    const std::uint16_t* of_block = masks + first / kTablesOfBlock * block_stride;
    __m512i bits[kRowVectors];
    SNN_UNROLL
    for (int v = 0; v < kRowVectors; ++v) {
      const std::uint16_t* from = of_block + v * kWidth * kMasksOfBlock;
      const std::int64_t there = rows - v * kWidth;
      bits[v] = is_upper ? bits_of_rows<true>(from, there) : bits_of_rows<false>(from, there);
    }
    const std::int64_t end = first + kGroupsOfHalf < groups ? first + kGroupsOfHalf : groups;
    for (std::int64_t group = first; group < end; ++group, tables += neurons * kWidth) {
      SNN_UNROLL
      for (int n = 0; n < kNeurons; ++n) {
        const Floats table = load(tables + n * kWidth);
        SNN_UNROLL
        for (int v = 0; v < kRowVectors; ++v) {
          sum[n][v] += Floats(_mm512_permutexvar_ps(bits[v], __m512(table)));
        }
      }
      SNN_UNROLL
      for (int v = 0; v < kRowVectors; ++v) bits[v] = _mm512_srli_epi32(bits[v], kTableBits);
    }
  }
  SNN_UNROLL
  for (int n = 0; n < kNeurons; ++n) {
    SNN_UNROLL
    for (int v = 0; v < kRowVectors; ++v) store(sums + (n * kRowVectors + v) * kWidth, sum[n][v]);
  }
}

// The sums (neurons,kRowVectors * 16 rows) as currents of `rows` rows, on top of `base`, which is
// `base_stride` from a row to the next.
inline void add_sums(const float* sums, std::int64_t rows, const float* base,
                     std::ptrdiff_t base_stride, float* currents) {
  for (std::int64_t first = 0; first < rows; first += kWidth) {
    Floats square[kWidth];
    SNN_UNROLL
    for (int i = 0; i < kWidth; ++i) square[i] = load(sums + i * kRowVectors * kWidth + first);
    transpose(square);
    SNN_UNROLL
    for (int i = 0; i < kWidth; ++i) {
      const std::int64_t row = first + i;
      if (row >= rows) break;
      store(currents + row * kGroup, square[i] + load(base + row * base_stride));
    }
  }
}

// spikes_forward() of a block of 16 lanes of which the first `neurons` are not padding.
void readout_forward(int neurons, const float* weights, std::int64_t inputs,
                     const std::uint16_t* masks, std::ptrdiff_t block_stride, std::int64_t rows,
                     float* currents, float* tables) {
  constexpr int kMostNeurons = 5;                       // so that all sums are in registers
  constexpr std::int64_t kRows = kRowVectors * kWidth;  // at once
  const float* bias = weights + inputs * kGroup;
  for (std::int64_t first = 0; first < inputs; first += kReadoutBlocks * kBlock) {
    const std::int64_t left = inputs - first;
    const std::int64_t count = left < kReadoutBlocks * kBlock ? left : kReadoutBlocks * kBlock;
    const std::int64_t groups = (count + kTableBits - 1) / kTableBits;
    make_tables(neurons, weights + first * kGroup, count, tables);
    const std::uint16_t* of_first = masks + first / kBlock * block_stride;
    for (std::int64_t row = 0; row < rows; row += kRows) {
      alignas(64) float sums[kGroup * kRows] = {};
      const std::int64_t there = rows - row < kRows ? rows - row : kRows;
      in_pieces<kMostNeurons>(neurons, [&]<int kNeurons>(std::int64_t n) {
        look_up<kNeurons>(neurons, tables + n * kWidth, groups, of_first + row * kMasksOfBlock,
                          block_stride, there, sums + n * kRows);
      });
      float* to = currents + row * kGroup;
      add_sums(sums, there, first == 0 ? bias : to, first == 0 ? 0 : kGroup, to);
    }
  }
}

}  // namespace
}  // namespace snn::kernels

#endif
