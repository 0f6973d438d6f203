#include "kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "engine/fused/sparse_input.h"
#include "kernels/select.h"
#include "numeric/buffer.h"
#include "snn/numeric/random.h"
#include "snn/text/error.h"

namespace snn::kernels {
namespace {

using fused::Buffer;
using fused::SparseInput;

// Each test runs on every instruction set that this processor has.
class KernelsTest : public testing::TestWithParam<Simd> {
 protected:
  void SetUp() override {
    try {
      kernels_ = &select(GetParam());
    } catch (const Error&) {
      GTEST_SKIP() << "this processor does not have " << name_of(GetParam());
    }
  }

  // Values in [-1, 1), a share of which is not zero.
  Buffer<float> numbers(std::size_t size, double density = 1) {
    Buffer<float> buffer(size);
    for (std::size_t i = 0; i < size; ++i) {
      const bool is_zero = random_.uniform() >= static_cast<float>(density);
      buffer.data()[i] = is_zero ? 0 : 2 * random_.uniform() - 1;
    }
    return buffer;
  }

  // Rounding leaves 1e-7 of each term of a sum of some hundred.
  static void expect_near(const float* found, const std::vector<double>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_NEAR(found[i], expected[i], 1e-5 * std::max(1.0, std::abs(expected[i]))) << i;
    }
  }

  const Kernels* kernels_ = nullptr;
  RandomStream random_{7, Purpose::kEncoding, 0, 0};
  Buffer<float> scratch_{kScratchFloats};
};

const int kLanes[] = {16, 32, 48, 64};

TEST_P(KernelsTest, MultiplySparseRowsAndTheirTranspose) {
  constexpr std::int64_t kRows = fused::kPart + 9, kInputs = 301;
  const Buffer<float> matrix = numbers(kRows * kInputs, 0.3);
  SparseInput input;
  input.begin({kRows, /*steps=*/1, kInputs, /*is_sequence=*/false});
  for (const std::int64_t part : {1, 0}) input.read_part(part, matrix.data());
  input.list_columns();
  for (const int lanes : kLanes) {
    const auto width = static_cast<std::size_t>(lanes);
    const Buffer<float> weights = numbers((kInputs + 1) * width);
    Buffer<float> currents(kRows * width), gradient(kInputs * width);
    kernels_->rows_forward(lanes, weights.data(), kInputs, input.rows(), 0, kRows, currents.data());
    std::vector<double> expected(kRows * width), transposed(kInputs * width);
    for (std::size_t n = 0; n < width; ++n) {
      for (std::size_t r = 0; r < kRows; ++r) {
        double& current = expected[r * width + n];
        current = weights.data()[kInputs * width + n];
        for (std::size_t k = 0; k < kInputs; ++k) {
          current += static_cast<double>(matrix.data()[r * kInputs + k]) *
                     static_cast<double>(weights.data()[k * width + n]);
        }
      }
      for (std::size_t k = 0; k < kInputs; ++k) {
        for (std::size_t r = 0; r < kRows; ++r) {
          transposed[k * width + n] += static_cast<double>(matrix.data()[r * kInputs + k]) *
                                       static_cast<double>(currents.data()[r * width + n]);
        }
      }
    }
    expect_near(currents.data(), expected);
    kernels_->rows_gradient(lanes, input.column_entries(), input.column_offsets(), kInputs,
                            currents.data(), gradient.data());
    expect_near(gradient.data(), transposed);
  }
}

// Blocks of every width, full and, as last layers are, with some neurons of padding.
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
      const std::int64_t lanes = (neurons + kGroup - 1) / kGroup * kGroup;
      Buffer<float> weights = numbers(static_cast<std::size_t>((inputs + 1) * lanes));
      for (std::int64_t i = 0; i < (inputs + 1) * lanes; ++i) {
        if (i % lanes >= neurons) weights.data()[i] = 0;
      }
      Buffer<float> currents = numbers(static_cast<std::size_t>(rows * lanes));
      kernels_->spikes_forward(static_cast<int>(lanes), neurons, weights.data(), inputs,
                               masks.data(), stride, rows, currents.data(), scratch_.data());
      std::vector<double> expected;
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t n = 0; n < lanes; ++n) {
          double current = weights.data()[inputs * lanes + n];
          for (std::int64_t k = 0; k < inputs; ++k) {
            const bool spikes = (mask(r, k) >> (k % kGroup) & 1) != 0;
            if (spikes) current += weights.data()[k * lanes + n];
          }
          expected.push_back(current);
        }
      }
      expect_near(currents.data(), expected);
    }
  }
}

TEST_P(KernelsTest, AddTheGradientOfSpikes) {
  constexpr std::int64_t kInputs = 100, kPadded = 112, kBlocks = 2;
  for (const std::int64_t steps : {1, 4, 25, 30, 31, 64}) {
    const std::int64_t count = (steps + kStepsPerWord - 1) / kStepsPerWord;
    Buffer<std::uint32_t> words(static_cast<std::size_t>(count * kPadded));
    Buffer<std::uint16_t> active(kPadded);
    std::uint16_t counts[kBlocks] = {};
    for (std::int64_t k = 0; k < kInputs; ++k) {
      if (random_.below(3) == 0) continue;  // never spikes
      for (std::int64_t t = 0; t < steps; ++t) {
        const std::uint32_t bit = random_.below(4) == 0 ? 1U : 0U;
        words.data()[t / kStepsPerWord * kPadded + k] |= bit << (t % kStepsPerWord);
      }
      const std::int64_t block = k / kBlock;
      active.data()[block * kBlock + counts[block]++] = static_cast<std::uint16_t>(k);
    }
    for (const int lanes : kLanes) {
      const Buffer<float> of_currents = numbers(static_cast<std::size_t>(steps * lanes));
      Buffer<float> gradient = numbers(static_cast<std::size_t>(kInputs * lanes));
      std::vector<double> expected(gradient.data(), gradient.data() + kInputs * lanes);
      for (std::int64_t k = 0; k < kInputs; ++k) {
        for (std::int64_t t = 0; t < steps; ++t) {
          const auto word = words.data()[t / kStepsPerWord * kPadded + k];
          if ((word >> (t % kStepsPerWord) & 1) == 0) continue;
          for (int n = 0; n < lanes; ++n) {
            expected[static_cast<std::size_t>(k * lanes + n)] += of_currents.data()[t * lanes + n];
          }
        }
      }
      kernels_->spikes_gradient(lanes, steps, of_currents.data(), words.data(), kPadded,
                                active.data(), counts, 1, kBlocks, gradient.data(),
                                scratch_.data());
      expect_near(gradient.data(), expected);
    }
  }
}

TEST_P(KernelsTest, MultiplyMatrices) {
  constexpr std::int64_t kCount = 23, kStride = 32;
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 6, 7, 13, 25}) {
    for (const int lanes : kLanes) {
      const Buffer<float> left = numbers(static_cast<std::size_t>(rows * kStride));
      const Buffer<float> right = numbers(static_cast<std::size_t>(kCount * lanes));
      Buffer<float> product(static_cast<std::size_t>(rows * lanes));
      std::vector<double> expected(static_cast<std::size_t>(rows * lanes));
      for (int pass = 1; pass <= 2; ++pass) {
        kernels_->multiply(lanes, rows, kCount, left.data(), kStride, right.data(), product.data(),
                           /*add=*/pass == 2);
        for (std::int64_t r = 0; r < rows; ++r) {
          for (int n = 0; n < lanes; ++n) {
            for (std::int64_t k = 0; k < kCount; ++k) {
              expected[static_cast<std::size_t>(r * lanes + n)] +=
                  static_cast<double>(left.data()[r * kStride + k]) *
                  static_cast<double>(right.data()[k * lanes + n]);
            }
          }
        }
        expect_near(product.data(), expected);
      }
    }
  }
}

// A neuron written out: beta 0.9, threshold 1, the currents and numbers of snnTorch's Leaky.
TEST_P(KernelsTest, RunANeuronOverTime) {
  constexpr float kCurrents[] = {.8F, .8F, .8F, 0, 2.5F, .1F, .1F};
  constexpr std::int64_t kSteps = std::size(kCurrents);
  struct Expected {
    Reset reset;
    bool delay;
    std::vector<double> membrane;
    std::uint32_t spikes;  // bit t
  };
  const Expected cases[] = {
      {Reset::kSubtract, true, {.8, 1.52, 1.168, .0512, 2.54608, 1.391472, .3523248}, 0b0110110},
      {Reset::kSubtract, false, {.8, .52, .268, .2412, 1.71708, 1.645372, 1.5808348}, 0b0010110},
      {Reset::kZero, true, {.8, 1.52, .8, .72, 3.148, .1, .19}, 0b0010010},
      {Reset::kZero, false, {.8, 0, .8, .72, 0, .1, .19}, 0b0010010},
      {Reset::kNone, true, {.8, 1.52, 2.168, 1.9512, 4.25608, 3.930472, 3.6374248}, 0b1111110}};
  Buffer<float> current(kSteps * kGroup), beta(kGroup), threshold(kGroup);
  std::fill_n(beta.data(), kGroup, 0.9F);
  std::fill_n(threshold.data(), kGroup, 1.0F);
  for (std::int64_t t = 0; t < kSteps; ++t) current.data()[t * kGroup + 3] = kCurrents[t];
  for (const Expected& expected : cases) {
    Buffer<float> spikes(kSteps * kGroup), membrane(kSteps * kGroup);
    Buffer<std::uint16_t> masks(kSteps);
    Buffer<std::uint32_t> words(kGroup);
    const LeakyBlock block = {kGroup,      kSteps,      expected.reset,  expected.delay,
                              Surrogate{}, beta.data(), threshold.data()};
    kernels_->leaky_forward(
        block, current.data(), kGroup,
        {masks.data(), 1, words.data(), kGroup, spikes.data(), membrane.data(), kGroup});
    EXPECT_EQ(words.data()[3], expected.spikes) << name_of(expected.reset) << expected.delay;
    for (std::int64_t t = 0; t < kSteps; ++t) {
      EXPECT_NEAR(membrane.data()[t * kGroup + 3], expected.membrane[static_cast<std::size_t>(t)],
                  1e-5);
      EXPECT_EQ(masks.data()[t], (expected.spikes >> t & 1) << 3);
      EXPECT_EQ(spikes.data()[t * kGroup + 3], static_cast<float>(expected.spikes >> t & 1));
      EXPECT_EQ(spikes.data()[t * kGroup + 4], 0);
    }
  }
}

TEST_P(KernelsTest, SumSquares) {
  for (const std::size_t size : {16U, 48U, 4096U, 10000U}) {
    const Buffer<float> values = numbers(size);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += std::pow(values.data()[i], 2);
    EXPECT_NEAR(kernels_->sum_of_squares(static_cast<std::int64_t>(size), values.data()), expected,
                1e-6 * expected);
  }
}

// PyTorch's formula in double precision, over gradients of very different sizes.
TEST_P(KernelsTest, UpdateByAdam) {
  constexpr std::int64_t kCount = 64;
  Buffer<float> gradient(kCount), parameter = numbers(kCount), first(kCount), second(kCount);
  std::vector<double> x(parameter.data(), parameter.data() + kCount), m(kCount), v(kCount);
  for (int step = 1; step <= 5; ++step) {
    for (std::int64_t i = 0; i < kCount; ++i) {
      gradient.data()[i] = std::ldexp(2 * random_.uniform() - 1, static_cast<int>(-i / 2));
    }
    gradient.data()[7] = 0;
    const double rate = 0.01 / (1 - std::pow(0.9, step));
    const double scale = 1 / std::sqrt(1 - std::pow(0.999, step));
    UpdateRule rule;
    rule.gradient_scale = 0.5F;
    rule.rate = static_cast<float>(rate);
    rule.second_scale = static_cast<float>(scale);
    kernels_->update(rule, kCount, gradient.data(), parameter.data(), first.data(), second.data());
    for (std::size_t i = 0; i < kCount; ++i) {
      const double g = 0.5 * static_cast<double>(gradient.data()[i]);
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      x[i] -= rate * m[i] / (std::sqrt(v[i]) * scale + 1e-8);
    }
    expect_near(parameter.data(), x);
    expect_near(first.data(), m);
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_NEAR(second.data()[i], v[i], 2e-6 * v[i]) << i;
    }
  }
  EXPECT_EQ(second.data()[7], 0);
}

// The same whether the gradient is written in between or not.
TEST_P(KernelsTest, UpdateWhileTheGradientIsComputed) {
  constexpr std::int64_t kRows = 50, kInputs = 30;
  const Buffer<float> matrix = numbers(kRows * kInputs, 0.3);
  SparseInput input;
  input.begin({kRows, /*steps=*/1, kInputs, /*is_sequence=*/false});
  for (const std::int64_t part : {0, 1}) input.read_part(part, matrix.data());
  input.list_columns();
  using Kind = UpdateRule::Kind;
  for (const Kind kind : {Kind::kAdam, Kind::kMomentum, Kind::kSgd}) {
    for (const int lanes : kLanes) {
      const auto size = static_cast<std::size_t>(kInputs * lanes);
      const Buffer<float> of_currents = numbers(static_cast<std::size_t>(kRows * lanes));
      Buffer<float> gradient(size), together = numbers(size), apart(size);
      std::copy_n(together.data(), size, apart.data());
      Buffer<float> first(kind == Kind::kSgd ? 0 : size), second(kind == Kind::kAdam ? size : 0);
      Buffer<float> first_apart(first.size()), second_apart(second.size());
      const UpdateRule rule{kind, 1, 0.99F, 0.01F, 0.1F, 0.5F, 0.9F};
      for (int step = 0; step < 2; ++step) {
        kernels_->rows_gradient(lanes, input.column_entries(), input.column_offsets(), kInputs,
                                of_currents.data(), gradient.data());
        kernels_->update(rule, kInputs * lanes, gradient.data(), apart.data(), first_apart.data(),
                         second_apart.data());
        const double squares = kernels_->rows_update(
            rule, lanes, input.column_entries(), input.column_offsets(), kInputs,
            of_currents.data(), together.data(), first.data(), second.data());
        const double expected = kernels_->sum_of_squares(kInputs * lanes, gradient.data());
        EXPECT_NEAR(squares, expected, 1e-6 * expected);
      }
      expect_near(together.data(), {apart.data(), apart.data() + size});
    }
  }
}

// atan's derivative, a / 2 / (1 + (pi / 2 a (U - threshold))^2), also where it is next to nothing,
// beside neurons where it is not.
TEST_P(KernelsTest, DeriveAtanFarFromTheThreshold) {
  constexpr int kWide = 64;
  for (const double largest : {2.0, 1e5, 1e12, 1e25}) {
    Buffer<float> current(kWide), beta(kWide), threshold(kWide), ones(kWide), gradient(kWide);
    Buffer<float> of_current(kWide), of_square(kWide), scratch(3 * kWide);
    std::vector<double> expected;
    for (int n = 0; n < kWide; ++n) {
      const double sign = n % 2 == 0 ? 1 : -1;
      current.data()[n] = static_cast<float>(sign * std::pow(largest, n / 63.0));
      threshold.data()[n] = 0.5F;
      ones.data()[n] = 1;
      const double x = std::numbers::pi / 2 * 2 * (static_cast<double>(current.data()[n]) - 0.5);
      expected.push_back(1 / (1 + x * x));
    }
    const LeakyBlock block = {kWide,       /*steps=*/1, Reset::kSubtract, /*reset_delay=*/true,
                              Surrogate{}, beta.data(), threshold.data()};
    kernels_->leaky_backward(
        block, current.data(), kWide, {ones.data(), kWide, nullptr, 0}, gradient.data(),
        {of_current.data(), of_square.data(), nullptr, nullptr}, scratch.data());
    for (std::size_t n = 0; n < kWide; ++n) {
      // 1e-30 stands for all that is less.
      const double near = std::max(expected[n], 1e-30);
      EXPECT_NEAR(gradient.data()[n], near, 1e-6 * near) << largest << ' ' << n;
    }
  }
}

// The sum over time of the gradient that the backward pass walks through step by step.
TEST_P(KernelsTest, SumTheGradientOverTimeAtOnce) {
  constexpr std::int64_t kSteps = 37, kCount = 13;
  for (const Reset reset : {Reset::kSubtract, Reset::kNone}) {
    for (const int lanes : kLanes) {
      const auto width = static_cast<std::size_t>(lanes);
      Buffer<float> current = numbers(width), beta = numbers(width), threshold = numbers(width);
      for (std::size_t n = 0; n < width; ++n) beta.data()[n] = std::abs(beta.data()[n]);
      const Buffer<float> left = numbers(kSteps * kGroup), right = numbers(kCount * width);
      const LeakyBlock block = {lanes,       kSteps,      reset,           /*reset_delay=*/true,
                                Surrogate{}, beta.data(), threshold.data()};

      Buffer<float> of_spikes(kSteps * width), expected(width), sums(width), squares(width);
      Buffer<float> scratch(3 * kSteps * width);
      kernels_->multiply(lanes, kSteps, kCount, left.data(), kGroup, right.data(), of_spikes.data(),
                         /*add=*/false);
      kernels_->leaky_backward(block, current.data(), 0, {of_spikes.data(), lanes, nullptr, 0},
                               expected.data(), {sums.data(), squares.data(), nullptr, nullptr},
                               scratch.data());

      Buffer<float> slopes(kSteps * width), total = numbers(width);
      kernels_->leaky_slopes(block, current.data(), slopes.data());
      for (const bool add : {false, true}) {
        kernels_->multiply_slopes(lanes, kSteps, kCount, left.data(), kGroup, right.data(),
                                  slopes.data(), total.data(), add);
        // 37 steps of a slow decay add up to some hundred.
        for (std::size_t n = 0; n < width; ++n) {
          const double sum = (add ? 2.0 : 1.0) * static_cast<double>(expected.data()[n]);
          EXPECT_NEAR(total.data()[n], sum, 1e-5 * std::max(10.0, std::abs(sum))) << n;
        }
      }
    }
  }
}

TEST_P(KernelsTest, AddRowsAndTheirSquares) {
  constexpr std::int64_t kRows = 21;
  for (const int lanes : kLanes) {
    const auto width = static_cast<std::size_t>(lanes);
    const Buffer<float> values = numbers(kRows * width);
    Buffer<float> sums = numbers(width), squares = numbers(width);
    std::vector<double> sum(sums.data(), sums.data() + width);
    std::vector<double> square(squares.data(), squares.data() + width);
    for (std::size_t i = 0; i < kRows * width; ++i) {
      const auto value = static_cast<double>(values.data()[i]);
      sum[i % width] += value;
      square[i % width] += value * value;
    }
    kernels_->add_rows(lanes, kRows, values.data(), sums.data(), squares.data());
    expect_near(sums.data(), sum);
    expect_near(squares.data(), square);
  }
}

TEST_P(KernelsTest, KeepNanOutOfNoLoss) {
  constexpr std::int64_t kSteps = 2, kPadded = 16;
  for (const LossKind kind :
       {LossKind::kCeMembrane, LossKind::kCeMaxMembrane, LossKind::kMseMembrane}) {
    Buffer<float> spikes(kSteps * kPadded), membrane(kSteps * kPadded), scratch(2 * kPadded);
    LossImage image{kSteps, 10, kPadded, spikes.data(), membrane.data(),
                    4,      1,  nullptr, scratch.data()};
    EXPECT_TRUE(std::isfinite(kernels_->loss({kind, {1, 0}}, image)));
    membrane.data()[2] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(std::isfinite(kernels_->loss({kind, {1, 0}}, image))) << name_of(kind);
  }
}

TEST_P(KernelsTest, Transpose) {
  constexpr std::ptrdiff_t kFromStride = 71, kToStride = 67;
  const Buffer<float> from = numbers(64 * kFromStride);
  for (const std::int64_t rows : {1, 5, 16, 23, 64}) {
    for (const std::int64_t columns : {1, 7, 16, 33, 70}) {
      std::vector<float> to(70 * kToStride, -2.0F), expected = to;
      // Odd addresses too: neither has to be aligned.
      kernels_->transpose(rows, columns, from.data() + 1, kFromStride, to.data() + 3, kToStride);
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c) {
          expected[static_cast<std::size_t>(3 + c * kToStride + r)] =
              from.data()[1 + r * kFromStride + c];
        }
      }
      ASSERT_EQ(to, expected) << rows << " x " << columns;
    }
  }
}

TEST_P(KernelsTest, ListsTheNeuronsThatSpiked) {
  constexpr std::int64_t kCount = 3, kStride = 80;
  for (const int lanes : kLanes) {
    std::vector<std::uint32_t> words(kCount * kStride);
    std::vector<std::uint16_t> expected;
    for (int n = 0; n < lanes; ++n) {
      const bool spikes = random_.below(3) > 0;
      if (spikes)
        words[random_.below(kCount) * kStride + static_cast<std::size_t>(n)] = 1U << n % 30;
      if (spikes) expected.push_back(static_cast<std::uint16_t>(128 + n));
    }
    // Beyond the block's neurons are another's.
    words[static_cast<std::size_t>(lanes)] = 1;
    std::vector<std::uint16_t> active(static_cast<std::size_t>(lanes));
    Buffer<std::uint32_t> aligned(words.size());
    std::copy(words.begin(), words.end(), aligned.data());
    const int found =
        kernels_->list_active(lanes, aligned.data(), kStride, kCount, 128, active.data());
    active.resize(static_cast<std::size_t>(found));
    EXPECT_EQ(active, expected) << lanes;
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelsTest,
                         testing::Values(Simd::kAvx512, Simd::kAvx2, Simd::kGeneric),
                         [](const auto& test) { return std::string(name_of(test.param)); });

}  // namespace
}  // namespace snn::kernels
