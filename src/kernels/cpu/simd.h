#pragma once

// Vectors of the instruction set that the including file is compiled for. Everything here, and in
// the kernels beside it, is in an unnamed namespace: the same function compiled for two instruction
// sets must never be merged into one.

#include <cstdint>
#include <utility>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define SNN_UNROLL _Pragma("GCC unroll 16")

// For functions whose vectors stay in registers only if they are inlined into the calling loop.
#define SNN_INLINE [[gnu::always_inline]] inline
#define SNN_INLINE_LAMBDA __attribute__((always_inline))

namespace snn::kernels {
namespace {

// The native width: wider vectors are split badly by g++ 12.
#if defined(__AVX512F__)
constexpr int kWidth = 16;
#elif defined(__AVX2__)
constexpr int kWidth = 8;
#else
constexpr int kWidth = 4;
#endif

typedef float Floats __attribute__((vector_size(4 * kWidth), may_alias));
typedef std::int32_t Ints __attribute__((vector_size(4 * kWidth), may_alias));

typedef float LooseFloats __attribute__((vector_size(4 * kWidth), may_alias, aligned(4)));

inline Floats load(const float* from) { return *reinterpret_cast<const Floats*>(from); }
inline Ints load_ints(const std::uint32_t* from) { return *reinterpret_cast<const Ints*>(from); }
inline void store(float* to, Floats value) { *reinterpret_cast<Floats*>(to) = value; }
// The same for unaligned memory.
inline Floats load_loose(const float* from) { return *reinterpret_cast<const LooseFloats*>(from); }
inline void store_loose(float* to, Floats value) { *reinterpret_cast<LooseFloats*>(to) = value; }
inline Floats splat(float value) { return value - Floats{}; }  // 0 + value would be a real addition
inline Ints bits_of(Floats value) { return reinterpret_cast<Ints>(value); }
inline Floats floats_of(Ints bits) { return reinterpret_cast<Floats>(bits); }
inline Floats select(Ints condition, Floats yes, Floats no) { return condition ? yes : no; }
// value - what and value | bits in the lanes that `condition` chooses, `value` in the others.
// Without mask registers select() would take three instructions.
#if defined(__AVX512F__)
inline Floats subtract_where(Ints condition, Floats value, Floats what) {
  return select(condition, value - what, value);
}
inline Ints set_where(Ints condition, Ints value, Ints bits) {
  return condition ? value | bits : value;
}
#else
inline Floats subtract_where(Ints condition, Floats value, Floats what) {
  return value - floats_of(condition & bits_of(what));
}
inline Ints set_where(Ints condition, Ints value, Ints bits) { return value | (condition & bits); }
#endif
inline Floats absolute(Floats value) { return floats_of(bits_of(value) & 0x7fffffff); }

// Bit i is set where lane i of a is larger than lane i of b.
inline unsigned mask_of_larger(Floats a, Floats b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ);
#elif defined(__AVX2__)
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
#elif defined(__SSE2__)
  return static_cast<unsigned>(_mm_movemask_ps(_mm_cmpgt_ps(a, b)));
#else
  unsigned mask = 0;
  for (int i = 0; i < kWidth; ++i) mask |= static_cast<unsigned>(a[i] > b[i]) << i;
  return mask;
#endif
}

// Writes `first` + i for each lane i of `value` that is not 0; returns their number. The
// other elements of `to`, up to the number of lanes, may be overwritten.
inline int store_indices_of_nonzero(Ints value, int first, std::uint16_t* to) {
#if defined(__AVX512F__)
  const __mmask16 mask = _mm512_test_epi32_mask(__m512i(value), __m512i(value));
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i listed =
      _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(lane, _mm512_set1_epi32(first)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(listed));
  return __builtin_popcount(mask);
#else
  int found = 0;
  for (int i = 0; i < kWidth; ++i) {
    to[found] = static_cast<std::uint16_t>(first + i);
    found += value[i] != 0 ? 1 : 0;
  }
  return found;
#endif
}

// a[0], b[0], a[1], b[1], … of the first (or, with kUpper, second) halves of two vectors.
template <bool kUpper>
inline Floats interleave(Floats a, Floats b) {
  constexpr int kFirst = kUpper ? kWidth / 2 : 0;
  return [&]<int... kLane>(std::integer_sequence<int, kLane...>) {
    return __builtin_shufflevector(a, b, (kFirst + kLane / 2 + kLane % 2 * kWidth)...);
  }
  (std::make_integer_sequence<int, kWidth>());
}

// Transposes a square by interleaving each row with the row half the square further down, once for
// each halving of the number of rows.
inline void transpose(Floats (&rows)[kWidth]) {
  SNN_UNROLL
  for (int stage = 1; stage < kWidth; stage *= 2) {
    Floats next[kWidth];
    SNN_UNROLL
    for (int i = 0; i < kWidth / 2; ++i) {
      next[2 * i] = interleave<false>(rows[i], rows[i + kWidth / 2]);
      next[2 * i + 1] = interleave<true>(rows[i], rows[i + kWidth / 2]);
    }
    SNN_UNROLL
    for (int i = 0; i < kWidth; ++i) rows[i] = next[i];
  }
}

// `value` in the first `count` lanes, 0 in the others.
inline Floats first_lanes(Floats value, std::int64_t count) {
  Ints lane{};
  SNN_UNROLL
  for (int i = 0; i < kWidth; ++i) lane[i] = i;
  return select(lane < static_cast<std::int32_t>(count), value, Floats{});
}

// function.operator()<number>() for a number from 1 to kMost.
template <int kMost, class Function>
SNN_INLINE auto with_number(std::int64_t number, const Function& function) {
  if constexpr (kMost > 1) {
    if (number < kMost) return with_number<kMost - 1>(number, function);
  }
  return function.template operator()<kMost>();
}

// Calls function.operator()<size>(first) for pieces of at most kMost of `count` items. All pieces
// have nearly the same size, because a last piece of a single item would be slow.
template <int kMost, class Function>
SNN_INLINE void in_pieces(std::int64_t count, const Function& function) {
  std::int64_t first = 0;
  for (std::int64_t pieces = (count + kMost - 1) / kMost; pieces > 0; --pieces) {
    const std::int64_t size = (count - first + pieces - 1) / pieces;
    with_number<kMost>(size, [&]<int kSize>() { function.template operator()<kSize>(first); });
    first += size;
  }
}

// Combines all lanes, neighbouring halves first.
template <class Combine>
inline float reduce(Floats value, Combine combine) {
  float lanes[kWidth];
  __builtin_memcpy(lanes, &value, sizeof value);
  SNN_UNROLL
  for (int half = kWidth / 2; half > 0; half /= 2) {
    SNN_UNROLL
    for (int i = 0; i < half; ++i) lanes[i] = combine(lanes[i], lanes[i + half]);
  }
  return lanes[0];
}
inline float sum(Floats value) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps(value);
#else
  return reduce(value, [](float a, float b) { return a + b; });
#endif
}
inline float largest(Floats value) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_ps(value);
#else
  return reduce(value, [](float a, float b) { return a > b ? a : b; });
#endif
}

// 1 / x for a normal x > 0, to 1 ulp or so: Newton's iterations from an estimate that takes one
// subtraction. Faster than a division, and unlike rcpps the same on every processor.
inline Floats reciprocal(Floats x) {
  Floats y = floats_of(0x7ef311c7 - bits_of(x));
  y = y * (2.0F - x * y);
  y = y * (2.0F - x * y);
  return y + y * (1.0F - x * y);
}

inline Floats square_root(Floats x) {
#if defined(__AVX512F__)
  return _mm512_sqrt_ps(x);
#elif defined(__AVX2__)
  return _mm256_sqrt_ps(x);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(x);
#else
  for (int i = 0; i < kWidth; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

// exp(x), relative error below 2e-7; x is taken to be at least -87 and at most 88; NaN stays NaN.
// Cephes' expf: S. Moshier, Methods and Programs for Mathematical Functions, 1989.
inline Floats exponential(Floats x) {
  x = x < -87.0F ? splat(-87.0F) : x;
  x = x > 88.0F ? splat(88.0F) : x;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  Floats n = x * 1.44269504F + kRound;
  const Ints exponent = bits_of(n) - bits_of(splat(kRound));
  n -= kRound;
  const Floats r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Floats p = splat(1.9875691500e-4F);
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  return p * floats_of((exponent + 127) << 23);
}

}  // namespace
}  // namespace snn::kernels
