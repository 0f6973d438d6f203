#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/fused/spike_input.h"
#include "kernels/kernels_test.h"

namespace snn::kernels {
namespace {

using fused::SparseInput;

TEST_P(KernelsTest, MultiplySparseRowsAndTheirTranspose) {
  constexpr std::int64_t kRows = fused::kPart + 9, kInputs = 301;
  const Matrix matrix = numbers(kRows, kInputs, 0.3);
  SparseInput input;
  input.begin({kRows, /*steps=*/1, kInputs, /*is_sequence=*/false});
  for (const std::int64_t part : {1, 0}) input.read_part(part, matrix.data());
  input.list_columns();
  for (const int lanes : kLanes) {
    const Matrix weights = numbers(kInputs + 1, lanes);  // the bias last
    Matrix<float> currents(kRows, lanes), gradient(kInputs, lanes);
    kernels_->rows_forward(lanes, weights.data(), kInputs, input.rows(), 0, kRows, currents.data());
    Matrix<double> expected(kRows, lanes), transposed(kInputs, lanes);
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (int n = 0; n < lanes; ++n) {
        expected(r, n) = weights(kInputs, n);
        for (std::int64_t k = 0; k < kInputs; ++k) {
          expected(r, n) += product(matrix(r, k), weights(k, n));
          transposed(k, n) += product(matrix(r, k), currents(r, n));
        }
      }
    }
    expect_near(currents, expected);
    kernels_->rows_gradient(lanes, input.column_entries(), input.column_offsets(), kInputs,
                            currents.data(), gradient.data());
    expect_near(gradient, transposed);
  }
}

// Tests blocks of every width, full or, like last layers, with some padding neurons.
TEST_P(KernelsTest, MultiplySpikes) {
  struct Case {
    std::int64_t rows, inputs;
  };
  for (const auto& [rows, inputs] :
       {Case{7, 1}, {7, 16}, {64, 37}, {65, 150}, {7, 500}, {100, 700}}) {
    const std::int64_t stride = rows * kMasksOfBlock + 4, blocks = (inputs + kBlock - 1) / kBlock;
    Buffer<std::uint16_t> masks(static_cast<std::size_t>(blocks * stride));
    const auto mask = [&](std::int64_t r, std::int64_t k) -> std::uint16_t& {
      return masks.data()[k / kBlock * stride + r * kMasksOfBlock + k % kBlock / kGroup];
    };
    for (std::int64_t r = 0; r < rows; ++r) {
      for (std::int64_t k = 0; k < inputs; ++k) {
        const int bit = random_.below(3) == 0 ? 1 << (k % kGroup) : 0;
        mask(r, k) |= static_cast<std::uint16_t>(bit);
      }
    }
    for (const int neurons : {1, 2, 3, 4, 5, 10, 13, 16, 27, 48, 64}) {
      const int lanes = (neurons + kGroup - 1) / kGroup * kGroup;
      Matrix weights = numbers(inputs + 1, lanes);  // the bias last
      for (std::int64_t k = 0; k <= inputs; ++k) {
        for (int n = neurons; n < lanes; ++n) weights(k, n) = 0;
      }
      Matrix currents = numbers(rows, lanes);
      kernels_->spikes_forward(lanes, neurons, weights.data(), inputs, masks.data(), stride, rows,
                               currents.data(), scratch_.data());
      Matrix<double> expected(rows, lanes);
      for (std::int64_t r = 0; r < rows; ++r) {
        for (int n = 0; n < lanes; ++n) {
          expected(r, n) = weights(inputs, n);
          for (std::int64_t k = 0; k < inputs; ++k) {
            const bool spikes = (mask(r, k) >> (k % kGroup) & 1) != 0;
            if (spikes) expected(r, n) += weights(k, n);
          }
        }
      }
      expect_near(currents, expected);
    }
  }
}

TEST_P(KernelsTest, AddTheGradientOfSpikes) {
  constexpr std::int64_t kInputs = 100, kPadded = 112, kBlocks = 2;
  for (const std::int64_t steps : {1, 4, 25, 30, 31, 64}) {
    Matrix<std::uint32_t> words((steps + kStepsPerWord - 1) / kStepsPerWord, kPadded);
    Matrix<std::uint16_t> active(kBlocks, kBlock);
    std::uint16_t counts[kBlocks] = {};
    for (std::int64_t k = 0; k < kInputs; ++k) {
      if (random_.below(3) == 0) continue;  // never spikes
      for (std::int64_t t = 0; t < steps; ++t) {
        const std::uint32_t bit = random_.below(4) == 0 ? 1U : 0U;
        words(t / kStepsPerWord, k) |= bit << (t % kStepsPerWord);
      }
      const std::int64_t block = k / kBlock;
      active(block, counts[block]++) = static_cast<std::uint16_t>(k);
    }
    for (const int lanes : kLanes) {
      const Matrix of_currents = numbers(steps, lanes);
      Matrix gradient = numbers(kInputs, lanes);
      Matrix<double> expected(kInputs, lanes);
      for (std::int64_t k = 0; k < kInputs; ++k) {
        for (int n = 0; n < lanes; ++n) {
          expected(k, n) = gradient(k, n);
          for (std::int64_t t = 0; t < steps; ++t) {
            const bool spikes = (words(t / kStepsPerWord, k) >> (t % kStepsPerWord) & 1) != 0;
            if (spikes) expected(k, n) += of_currents(t, n);
          }
        }
      }
      kernels_->spikes_gradient(lanes, steps, of_currents.data(), words.data(), kPadded,
                                active.data(), counts, 1, kBlocks, gradient.data(),
                                scratch_.data());
      expect_near(gradient, expected);
    }
  }
}

TEST_P(KernelsTest, MultiplyMatrices) {
  constexpr std::int64_t kCount = 23, kStride = 32;
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13, 25}) {
    for (const int lanes : kLanes) {
      const Matrix left = numbers(rows, kStride), right = numbers(kCount, lanes);
      Matrix<float> output(rows, lanes);
      Matrix<double> expected(rows, lanes);
      for (const bool add : {false, true}) {
        kernels_->multiply(lanes, rows, kCount, left.data(), kStride, right.data(), output.data(),
                           add);
        for (std::int64_t r = 0; r < rows; ++r) {
          for (int n = 0; n < lanes; ++n) {
            for (std::int64_t k = 0; k < kCount; ++k) {
              expected(r, n) += product(left(r, k), right(k, n));
            }
          }
        }
        expect_near(output, expected);
      }
    }
  }
}

// The currents by lists of spikes and the gradients by trains, piece by piece, for several parts of
// the samples and words of the steps. Inputs are silent, spike seldom, often or always.
TEST_P(KernelsTest, MultiplySpikesOfInputs) {
  constexpr std::int64_t kSamples = fused::kPart + 5;
  struct Case {
    std::int64_t inputs, steps;
  };
  for (const auto& [inputs, steps] : {Case{1, 1}, {70, 25}, {37, 30}, {600, 31}, {130, 70}}) {
    const std::int64_t words = words_of(steps);
    std::vector<std::uint32_t> bits(static_cast<std::size_t>(kSamples * words * inputs));
    const auto word_of = [&](std::int64_t sample, std::int64_t t, std::int64_t i) -> auto& {
      return bits[static_cast<std::size_t>((sample * words + t / kStepsPerWord) * inputs + i)];
    };
    for (std::int64_t at = 0; at < kSamples * inputs; ++at) {
      const std::uint32_t often = random_.below(5);
      for (std::int64_t t = 0; t < steps; ++t) {
        const bool spikes = random_.below(4) < often;
        word_of(at / inputs, t, at % inputs) |= (spikes ? 1U : 0U) << t % kStepsPerWord;
      }
    }
    fused::SpikeInput input;
    input.begin({kSamples, steps, inputs, /*is_sequence=*/true});
    for (const std::int64_t part : {1, 0}) input.read_part(part, bits.data());
    for (const int lanes : {16, 64}) {
      // Small weights, as a layer of so many inputs has, keep the rounding of sums small.
      Matrix weights = numbers(inputs + 1, lanes);  // the bias last
      for (std::int64_t i = 0; i < (inputs + 1) * lanes; ++i) {
        weights.data()[i] /= std::sqrt(static_cast<float>(inputs));
      }
      const Matrix current_gradient = numbers(steps, lanes);
      const std::int64_t size = fused::SpikeInput::piece_size(inputs);
      for (const std::int64_t sample : {std::int64_t{0}, kSamples - 1}) {
        const auto spikes = [&](std::int64_t t, std::int64_t i) {
          return (word_of(sample, t, i) >> t % kStepsPerWord & 1U) != 0;
        };
        Matrix<float> currents(steps, lanes), gradient(inputs, lanes);
        for (std::int64_t word = 0; word < words; ++word) {
          const std::int64_t first = word * kStepsPerWord;
          kernels_->lists_forward(lanes, weights.data(), inputs, input.lists(sample, word),
                                  std::min<std::int64_t>(kStepsPerWord, steps - first),
                                  currents.data() + first * lanes);
        }
        for (std::int64_t first = 0; first < inputs; first += size) {
          for (std::int64_t word = 0; word < words; ++word) {
            const std::int64_t step = word * kStepsPerWord;
            const auto trains = input.trains(sample, word, first / size);
            kernels_->trains_gradient(lanes, std::min<std::int64_t>(kStepsPerWord, steps - step),
                                      current_gradient.data() + step * lanes, trains.data(),
                                      std::ssize(trains), first, gradient.data() + first * lanes);
          }
        }
        Matrix<double> expected(steps, lanes), of_weights(inputs, lanes);
        for (std::int64_t t = 0; t < steps; ++t) {
          for (int n = 0; n < lanes; ++n) {
            expected(t, n) = weights(inputs, n);
            for (std::int64_t i = 0; i < inputs; ++i) {
              if (!spikes(t, i)) continue;
              expected(t, n) += weights(i, n);
              of_weights(i, n) += current_gradient(t, n);
            }
          }
        }
        expect_near(currents, expected);
        expect_near(gradient, of_weights);
      }
    }
  }
}

TEST_P(KernelsTest, AddRowsAndTheirSquares) {
  constexpr std::int64_t kRows = 21;
  for (const int lanes : kLanes) {
    const Matrix values = numbers(kRows, lanes);
    Matrix sums = numbers(1, lanes), squares = numbers(1, lanes);
    Matrix<double> sum(1, lanes), square(1, lanes);
    for (int n = 0; n < lanes; ++n) {
      sum(0, n) = sums(0, n);
      square(0, n) = squares(0, n);
      for (std::int64_t r = 0; r < kRows; ++r) {
        sum(0, n) += values(r, n);
        square(0, n) += product(values(r, n), values(r, n));
      }
    }
    kernels_->add_rows(lanes, kRows, values.data(), sums.data(), squares.data());
    expect_near(sums, sum);
    expect_near(squares, square);
  }
}

TEST_P(KernelsTest, Transpose) {
  constexpr std::ptrdiff_t kFromStride = 71, kToStride = 67;
  const Matrix from = numbers(64, kFromStride);
  for (const std::int64_t rows : {1, 5, 16, 23, 64}) {
    for (const std::int64_t columns : {1, 7, 16, 33, 70}) {
      Matrix<float> to(70, kToStride);
      std::fill_n(to.data(), to.size(), -2.0F);
      // The addresses are odd, since neither needs to be aligned.
      kernels_->transpose(rows, columns, from.data() + 1, kFromStride, to.data() + 3, kToStride);
      for (std::int64_t c = 0; c < 70; ++c) {
        for (std::int64_t r = 0; r < kToStride - 3; ++r) {
          const bool is_written = c < columns && r < rows;
          ASSERT_EQ(to(c, r + 3), is_written ? from(r, c + 1) : -2.0F) << rows << " x " << columns;
        }
        for (std::int64_t before = 0; before < 3; ++before) ASSERT_EQ(to(c, before), -2.0F);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelsTest,
                         testing::Values(Simd::kAvx512, Simd::kAvx2, Simd::kGeneric),
                         [](const auto& test) { return std::string(name_of(test.param)); });

}  // namespace
}  // namespace snn::kernels
