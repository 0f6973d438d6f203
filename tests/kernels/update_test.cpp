#include <gtest/gtest.h>

#include <cmath>

#include "engine/fused/sparse_input.h"
#include "kernels/kernels_test.h"

namespace snn::kernels {
namespace {

using fused::SparseInput;

TEST_P(KernelsTest, SumSquares) {
  for (const std::size_t size : {16U, 48U, 4096U, 10000U}) {
    const Buffer<float> values = numbers(size);
    double expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += std::pow(values.data()[i], 2);
    EXPECT_NEAR(kernels_->sum_of_squares(static_cast<std::int64_t>(size), values.data()), expected,
                1e-6 * expected);
  }
}

// Compares with PyTorch's formula in double precision, over gradients of very different magnitudes.
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
    expect_near(parameter, x);
    expect_near(first, m);
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_NEAR(second.data()[i], v[i], 2e-6 * v[i]) << i;
    }
  }
  EXPECT_EQ(second.data()[7], 0);
}

// The result must be the same whether or not the gradient is written in between.
TEST_P(KernelsTest, UpdateWhileTheGradientIsComputed) {
  constexpr std::int64_t kRows = 50, kInputs = 30;
  const Matrix matrix = numbers(kRows, kInputs, 0.3);
  SparseInput input;
  input.begin({kRows, /*steps=*/1, kInputs, /*is_sequence=*/false});
  for (const std::int64_t part : {0, 1}) input.read_part(part, matrix.data());
  input.list_columns();
  using enum UpdateFormula;
  for (const UpdateFormula formula : {kAdam, kMomentum, kSgd}) {
    for (const int lanes : kLanes) {
      const auto size = static_cast<std::size_t>(kInputs * lanes);
      const Matrix of_currents = numbers(kRows, lanes);
      Buffer<float> gradient(size), together = numbers(size), apart(size);
      std::copy_n(together.data(), size, apart.data());
      Buffer<float> first(formula == kSgd ? 0 : size), second(formula == kAdam ? size : 0);
      Buffer<float> first_apart(first.size()), second_apart(second.size());
      const UpdateRule rule{formula, 1, 0.99F, 0.01F, 0.1F, 0.5F, 0.9F};
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
      expect_near(together, {apart.data(), apart.data() + size});
    }
  }
}

}  // namespace
}  // namespace snn::kernels
