#pragma once

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "snn/numeric/random.h"

namespace snn {

/// Four numbers side by side.
inline constexpr int kPhiloxLanes = 4;
using PhiloxLanes = std::uint32_t __attribute__((vector_size(16)));

/// The low halves of the products; the high ones go to `high`.
inline PhiloxLanes multiply(PhiloxLanes values, std::uint32_t factor, PhiloxLanes& high) {
#if defined(__SSE2__)
  const __m128i factors = _mm_set1_epi64x(factor), mask = _mm_set1_epi64x(0xFFFFFFFF);
  const __m128i even = _mm_mul_epu32(__m128i(values), factors);
  const __m128i odd = _mm_mul_epu32(_mm_srli_epi64(__m128i(values), 32), factors);
  high = PhiloxLanes(_mm_or_si128(_mm_srli_epi64(even, 32), _mm_andnot_si128(mask, odd)));
  return PhiloxLanes(_mm_or_si128(_mm_and_si128(even, mask), _mm_slli_epi64(odd, 32)));
#else
  PhiloxLanes low;
  for (int k = 0; k < kPhiloxLanes; ++k) {
    const std::uint64_t product = std::uint64_t{values[k]} * factor;
    low[k] = static_cast<std::uint32_t>(product);
    high[k] = static_cast<std::uint32_t>(product >> 32);
  }
  return low;
#endif
}

/// philox() of four counters, each in a lane.
inline std::array<PhiloxLanes, 4> philox(std::array<PhiloxLanes, 4> counter, std::uint64_t seed) {
  auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    PhiloxLanes high0, high1;
    const PhiloxLanes low0 = multiply(counter[0], kPhiloxMultipliers[0], high0);
    const PhiloxLanes low1 = multiply(counter[2], kPhiloxMultipliers[1], high1);
    counter = {high1 ^ counter[1] ^ key0, low1, high0 ^ counter[3] ^ key1, low0};
    key0 += kPhiloxWeyl[0];
    key1 += kPhiloxWeyl[1];
  }
  return counter;
}

}  // namespace snn
