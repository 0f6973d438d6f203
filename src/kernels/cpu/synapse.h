#pragma once

// Linear synapses: currents from sparse rows and from spikes, and the gradients of their weights.

#include "kernels/cpu/readout.h"
#include "kernels/cpu/rows.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

constexpr std::size_t kTableFloats = 8192;  // half of a first-level cache
static_assert(kTableFloats <= kScratchFloats);

void rows_forward(int lanes, const float* weights, std::int64_t inputs, const SparseRows& input,
                  std::int64_t first_row, std::int64_t rows, float* currents) {
  with_vectors(lanes, [&]<int kVectors>() {
    constexpr std::ptrdiff_t kLanes = kVectors * kWidth;
    const float* bias = weights + inputs * kLanes;
    for (std::int64_t tile = 0; tile < input.tiles; ++tile) {
      const std::uint32_t* offset = input.offsets + first_row * (input.tiles + 1) + tile;
      for (std::int64_t r = 0; r < rows; ++r, offset += input.tiles + 1) {
        if (tile > 0 && offset[0] == offset[1]) continue;
        float* current = currents + r * kLanes;
        auto row = Row<kVectors>::at(tile == 0 ? bias : current);
        add_entries(row, input.entries + offset[0], offset[1] - offset[0], weights);
        row.store_to(current);
      }
    }
  });
}

void rows_gradient(int lanes, const Entry* entries, const std::uint32_t* offsets,
                   std::int64_t columns, const float* current_gradient, float* gradient) {
  with_vectors(lanes, [&]<int kVectors>() {
    for (std::int64_t c = 0; c < columns; ++c) {
      auto row = Row<kVectors>::zero();
      add_entries(row, entries + offsets[c], offsets[c + 1] - offsets[c], current_gradient);
      row.store_to(gradient + c * kVectors * kWidth);
    }
  });
}

// The sums of every subset of `count` <= kBits rows (`stride` apart), in the order of the subsets'
// bits. Arlazarov et al., "On economical construction of the transitive closure", 1970 ("the four
// Russians").
template <int kVectors, int kBits>
inline void sum_subsets(const float* rows, std::ptrdiff_t stride, std::int64_t count, float* sums) {
  constexpr std::ptrdiff_t kLanes = kVectors * kWidth;
  Row<kVectors>::zero().store_to(sums);
  for (int bit = 0; bit < kBits; ++bit) {
    const std::ptrdiff_t half = std::ptrdiff_t{1} << bit;
    const auto added = bit < count ? Row<kVectors>::at(rows + bit * stride) : Row<kVectors>::zero();
    for (std::ptrdiff_t subset = 0; subset < half; ++subset) {
      auto row = added;
      row.add(sums + subset * kLanes);
      row.store_to(sums + (half + subset) * kLanes);
    }
  }
}

// Four inputs share a table of 16 sums, which takes a quarter of the additions of one input at a
// time, independent of the number of spikes.
void spikes_forward(int lanes, [[maybe_unused]] int neurons, const float* weights,
                    std::int64_t inputs, const std::uint16_t* masks, std::ptrdiff_t block_stride,
                    std::int64_t rows, float* currents, float* scratch) {
#if defined(__AVX512F__)
  if (lanes == kGroup) {
    return readout_forward(neurons, weights, inputs, masks, block_stride, rows, currents, scratch);
  }
#endif
  constexpr int kBits = 4, kSubsets = 1 << kBits, kTables = kGroup / kBits;
  with_vectors(lanes, [&]<int kVectors>() {
    constexpr std::ptrdiff_t kLanes = kVectors * kWidth;
    constexpr std::ptrdiff_t kPerTable = kSubsets * kLanes;
    constexpr std::ptrdiff_t kPerWord = kTables * kPerTable;
    // The tables of these words fill half of a first-level cache.
    constexpr std::int64_t kWords = static_cast<std::int64_t>(kTableFloats) / kPerWord;
    static_assert(kWords % kMasksOfBlock == 0 || kMasksOfBlock % kWords == 0);
    const float* bias = weights + inputs * kLanes;
    const std::int64_t words = (inputs + kGroup - 1) / kGroup;
    for (std::int64_t first = 0; first < words; first += kWords) {
      const std::int64_t count = words - first < kWords ? words - first : kWords;
      for (std::int64_t k = 0; k < count * kTables; ++k) {
        const std::int64_t input = first * kGroup + k * kBits;
        sum_subsets<kVectors, kBits>(weights + input * kLanes, kLanes, inputs - input,
                                     scratch + k * kPerTable);
      }
      const std::uint16_t* mask[kWords];
      for (std::int64_t w = 0; w < count; ++w) {
        mask[w] = masks + (first + w) / kMasksOfBlock * block_stride + (first + w) % kMasksOfBlock;
      }
      for (std::int64_t r = 0; r < rows; ++r) {
        auto row = Row<kVectors>::at(first == 0 ? bias : currents + r * kLanes);
        const float* tables = scratch;
        for (std::int64_t w = 0; w < count; ++w, tables += kPerWord) {
          const std::uint32_t bits = mask[w][r * kMasksOfBlock];
          const auto sums = [&](int k) {
            return tables + k * kPerTable + (bits >> (k * kBits) & (kSubsets - 1)) * kLanes;
          };
          auto left = Row<kVectors>::at(sums(0));
          left.add(sums(1));
          auto right = Row<kVectors>::at(sums(2));
          right.add(sums(3));
          left.add(right);
          row.add(left);
        }
        row.store_to(currents + r * kLanes);
      }
    }
  });
}

void lists_forward(int lanes, const float* weights, std::int64_t inputs, const SpikeLists& spikes,
                   std::int64_t steps, float* currents) {
  with_vectors(lanes, [&]<int kVectors>() {
    constexpr std::size_t kLanes = kVectors * kWidth;
    const auto for_each = [&](std::int64_t list, const auto& visit) {
      const std::uint32_t* end = spikes.inputs + spikes.ends[list + 1];
      for (const std::uint32_t* i = spikes.inputs + spikes.ends[list]; i != end; ++i) {
        visit(weights + *i * kLanes);
      }
    };
    auto always = Row<kVectors>::at(weights + inputs * kLanes);
    for_each(0, [&](const float* row) { always.add(row); });
    for (std::int64_t t = 0; t < steps; ++t) {
      auto sum = always;
      for_each(2 * t + 1, [&](const float* row) { sum.add(row); });
      for_each(2 * t + 2, [&](const float* row) { sum.subtract(row); });
      sum.store_to(currents + t * static_cast<std::int64_t>(kLanes));
    }
  });
}

void trains_gradient(int lanes, std::int64_t steps, const float* current_gradient,
                     const SpikeTrain* trains, std::int64_t count, std::int64_t first,
                     float* gradient) {
  with_vectors(lanes, [&]<int kVectors>() {
    constexpr std::int64_t kLanes = kVectors * kWidth;
    auto total = Row<kVectors>::zero();
    for (std::int64_t t = 0; t < steps; ++t) total.add(current_gradient + t * kLanes);
    for (const SpikeTrain* train = trains; train != trains + count; ++train) {
      float* to = gradient + (train->input - first) * kLanes;
      auto row = Row<kVectors>::at(to);
      std::uint32_t left = train->steps & (kExcept - 1);
      const auto for_each = [&](const auto& visit) {
        for (; left != 0; left &= left - 1) {
          visit(current_gradient + __builtin_ctz(left) * kLanes);
        }
      };
      if ((train->steps & kExcept) != 0) {
        row.add(total);
        for_each([&](const float* of_step) { row.subtract(of_step); });
      } else {
        for_each([&](const float* of_step) { row.add(of_step); });
      }
      row.store_to(to);
    }
  });
}

// Five steps share a table of 32 sums of the currents' gradients.
template <int kVectors, int kTables>
inline void add_subsets(std::ptrdiff_t lanes, const std::uint32_t* words,
                        const std::uint16_t* active, const std::uint16_t* counts,
                        std::ptrdiff_t counts_stride, std::int64_t blocks, float* gradient,
                        const float* table) {
  constexpr int kBits = 5, kSubsets = 1 << kBits;
  constexpr std::ptrdiff_t kLanes = kVectors * kWidth;
  for (std::int64_t block = 0; block < blocks; ++block, active += kBlock) {
    for (int a = 0; a < counts[block * counts_stride]; ++a) {
      const std::uint32_t bits = words[active[a]];
      float* to = gradient + active[a] * lanes;
      auto row = Row<kVectors>::at(to);
      SNN_UNROLL
      for (int k = 0; k < kTables; ++k) {
        row.add(table + (k * kSubsets + (bits >> (k * kBits) & (kSubsets - 1))) * kLanes);
      }
      row.store_to(to);
    }
  }
}

template <int kVectors>
inline void spikes_gradient_of(std::ptrdiff_t lanes, std::int64_t steps,
                               const float* current_gradient, const std::uint32_t* words,
                               std::ptrdiff_t words_stride, const std::uint16_t* active,
                               const std::uint16_t* counts, std::ptrdiff_t counts_stride,
                               std::int64_t blocks, float* gradient, float* table) {
  constexpr int kBits = 5, kSubsets = 1 << kBits;
  constexpr std::ptrdiff_t kLanes = kVectors * kWidth;
  for (std::int64_t first = 0; first < steps; first += kStepsPerWord, words += words_stride) {
    const std::int64_t left = steps - first < kStepsPerWord ? steps - first : kStepsPerWord;
    const std::int64_t tables = (left + kBits - 1) / kBits;
    for (std::int64_t k = 0; k < tables; ++k) {
      sum_subsets<kVectors, kBits>(current_gradient + (first + k * kBits) * lanes, lanes,
                                   left - k * kBits, table + k * kSubsets * kLanes);
    }
    with_number<kStepsPerWord / kBits>(tables, [&]<int kTables>() {
      add_subsets<kVectors, kTables>(lanes, words, active, counts, counts_stride, blocks, gradient,
                                     table);
    });
  }
}

void spikes_gradient(int lanes, std::int64_t steps, const float* current_gradient,
                     const std::uint32_t* words, std::ptrdiff_t words_stride,
                     const std::uint16_t* active, const std::uint16_t* counts,
                     std::ptrdiff_t counts_stride, std::int64_t blocks, float* gradient,
                     float* table) {
  // Two groups at a time: the tables of more would not stay in the first-level cache.
  for (int lane = 0; lane < lanes; lane += 2 * kGroup) {
    const auto run = [&]<int kVectors>() {
      spikes_gradient_of<kVectors>(lanes, steps, current_gradient + lane, words, words_stride,
                                   active, counts, counts_stride, blocks, gradient + lane, table);
    };
    lane + kGroup < lanes ? run.template operator()<2 * kGroup / kWidth>()
                          : run.template operator()<kGroup / kWidth>();
  }
}

// sums += left x right, for `kRows` rows of `kVectors` vectors at once, all of them in registers.
// `left` has row_stride from a row to the next and column_stride from a column.
template <int kRows, int kVectors>
SNN_INLINE void add_product(std::int64_t count, const float* left, std::ptrdiff_t row_stride,
                            std::ptrdiff_t column_stride, const float* right, std::ptrdiff_t lanes,
                            Row<kVectors> (&sums)[kRows]) {
  for (std::int64_t k = 0; k < count; ++k, left += column_stride, right += lanes) {
    const auto factors = Row<kVectors>::at(right);
    SNN_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const Floats factor = splat(left[r * row_stride]);
      SNN_UNROLL
      for (int v = 0; v < kVectors; ++v) sums[r].value[v] += factor * factors.value[v];
    }
  }
}

// Rows of a product that are computed at once.
constexpr int kMostRows = 6;

// Calls function.operator()<vectors>(lane) for as many lanes as the registers hold beside each
// other kMostRows times: there are 32 registers with AVX-512, else 16.
template <class Function>
inline void in_columns(int lanes, const Function& function) {
  constexpr int kMostVectors = kWidth == 16 ? 4 : 2;
  int lane = 0;
  const auto run = [&]<int kVectors>() {
    function.template operator()<kVectors>(lane);
    lane += kVectors * kWidth;
  };
  while (lane + kMostVectors * kWidth <= lanes) run.template operator()<kMostVectors>();
  while (lane + 2 * kWidth <= lanes) run.template operator()<2>();
  while (lane < lanes) run.template operator()<1>();
}

void multiply(int lanes, std::int64_t rows, std::int64_t count, const float* left,
              std::ptrdiff_t left_stride, const float* right, float* output, bool add) {
  in_columns(lanes, [&]<int kVectors>(int lane) {
    in_pieces<kMostRows>(rows, [&]<int kRows>(std::int64_t first) {
      float* to = output + first * lanes + lane;
      Row<kVectors> sums[kRows];
      SNN_UNROLL
      for (int r = 0; r < kRows; ++r) {
        sums[r] = add ? Row<kVectors>::at(to + r * lanes) : Row<kVectors>::zero();
      }
      add_product(count, left + first * left_stride, left_stride, 1, right + lane, lanes, sums);
      SNN_UNROLL
      for (int r = 0; r < kRows; ++r) sums[r].store_to(to + r * lanes);
    });
  });
}

void multiply_slopes(int lanes, std::int64_t steps, std::int64_t count, const float* left,
                     std::ptrdiff_t left_stride, const float* right, const float* slopes,
                     float* total, bool add) {
  in_columns(lanes, [&]<int kVectors>(int lane) {
    auto whole = add ? Row<kVectors>::at(total + lane) : Row<kVectors>::zero();
    in_pieces<kMostRows>(count, [&]<int kRows>(std::int64_t first) {
      Row<kVectors> sums[kRows];
      SNN_UNROLL
      for (int r = 0; r < kRows; ++r) sums[r] = Row<kVectors>::zero();
      add_product(steps, left + first, 1, left_stride, slopes + lane, lanes, sums);
      SNN_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const auto factors = Row<kVectors>::at(right + (first + r) * lanes + lane);
        SNN_UNROLL
        for (int v = 0; v < kVectors; ++v) whole.value[v] += sums[r].value[v] * factors.value[v];
      }
    });
    whole.store_to(total + lane);
  });
}

void add_rows(int lanes, std::int64_t rows, const float* values, float* sums, float* squares) {
  with_vectors(lanes, [&]<int kVectors>() {
    auto sum = Row<kVectors>::at(sums), square = Row<kVectors>::at(squares);
    for (std::int64_t r = 0; r < rows; ++r, values += lanes) {
      const auto row = Row<kVectors>::at(values);
      sum.add(row);
      SNN_UNROLL
      for (int v = 0; v < kVectors; ++v) square.value[v] += row.value[v] * row.value[v];
    }
    sum.store_to(sums);
    square.store_to(squares);
  });
}

inline void transpose_square(const float* from, std::ptrdiff_t from_stride, float* to,
                             std::ptrdiff_t to_stride) {
  Floats rows[kWidth];
  SNN_UNROLL
  for (int i = 0; i < kWidth; ++i) rows[i] = load_loose(from + i * from_stride);
  transpose(rows);
  SNN_UNROLL
  for (int i = 0; i < kWidth; ++i) store_loose(to + i * to_stride, rows[i]);
}

void transpose(std::int64_t rows, std::int64_t columns, const float* from,
               std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride) {
  const std::int64_t whole_rows = rows / kWidth * kWidth, whole = columns / kWidth * kWidth;
  for (std::int64_t c = 0; c < whole; c += kWidth) {
    for (std::int64_t r = 0; r < whole_rows; r += kWidth) {
      transpose_square(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride);
    }
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = r < whole_rows ? whole : 0; c < columns; ++c) {
      to[c * to_stride + r] = from[r * from_stride + c];
    }
  }
}

}  // namespace
}  // namespace snn::kernels
