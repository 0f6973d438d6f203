#pragma once

// A row of a block's lanes held in registers, and sums of weighted rows.

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// Calls function.operator()<vectors in a block>().
template <class Function>
inline auto with_vectors(int lanes, const Function& function) {
  return with_number<kBlock / kGroup>(lanes / kGroup, [&]<int kGroups>() {
    return function.template operator()<kGroups * kGroup / kWidth>();
  });
}

template <int kVectors>
struct Row {
  Floats value[kVectors];

  static Row zero() { return {}; }
  static Row at(const float* from) {
    Row row;
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) row.value[v] = load(from + v * kWidth);
    return row;
  }
  void store_to(float* to) const {
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) store(to + v * kWidth, value[v]);
  }
  void add(const float* from) {
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) value[v] += load(from + v * kWidth);
  }
  void subtract(const float* from) {
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) value[v] -= load(from + v * kWidth);
  }
  void add(const Row& other) {
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) value[v] += other.value[v];
  }
  void add_product(float factor, const float* from) {
    const Floats wide = splat(factor);
    SNN_UNROLL
    for (int v = 0; v < kVectors; ++v) value[v] += wide * load(from + v * kWidth);
  }
};

// row += the sum of entry.value * matrix[entry.index], as two independent sums, because each
// addition waits for the previous one of its sum. `count` is even.
template <int kVectors>
inline void add_entries(Row<kVectors>& row, const Entry* entry, std::size_t count,
                        const float* matrix) {
  constexpr std::size_t kLanes = kVectors * kWidth;
  Row<kVectors> other = Row<kVectors>::zero();
  for (const Entry* end = entry + count; entry != end; entry += 2) {
    row.add_product(entry[0].value, matrix + entry[0].index * kLanes);
    other.add_product(entry[1].value, matrix + entry[1].index * kLanes);
  }
  row.add(other);
}

}  // namespace
}  // namespace snn::kernels
