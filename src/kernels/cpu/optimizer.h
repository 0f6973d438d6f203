#pragma once

// The optimisers, with PyTorch's formulas (torch.optim).

#include "kernels/adam.h"
#include "kernels/cpu/rows.h"
#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// A step of the vector of parameters at `at`.
template <UpdateFormula kFormula>
inline void step(const UpdateRule& rule, Floats gradient, std::int64_t at, float* parameters,
                 float* first_moment, float* second_moment) {
  constexpr auto kBeta1 = static_cast<float>(adam::kBeta1);
  constexpr auto kBeta2 = static_cast<float>(adam::kBeta2);
  constexpr auto kEpsilon = static_cast<float>(adam::kEpsilon);
  // 1 - 0.999F, in single precision, has a relative error of 1e-5.
  constexpr auto kRest1 = static_cast<float>(1 - adam::kBeta1);
  constexpr auto kRest2 = static_cast<float>(1 - adam::kBeta2);
  Floats parameter = load(parameters + at) * rule.shrink;
  const Floats slope = gradient * rule.gradient_scale + parameter * rule.weight_decay;
  if constexpr (kFormula == UpdateFormula::kSgd) {
    parameter -= rule.rate * slope;
  } else if constexpr (kFormula == UpdateFormula::kMomentum) {
    const Floats moment = rule.momentum * load(first_moment + at) + slope;
    store(first_moment + at, moment);
    parameter -= rule.rate * moment;
  } else {
    const Floats first = kBeta1 * load(first_moment + at) + kRest1 * slope;
    const Floats second = kBeta2 * load(second_moment + at) + kRest2 * (slope * slope);
    store(first_moment + at, first);
    store(second_moment + at, second);
    const Floats divisor = square_root(second) * rule.second_scale + kEpsilon;
    parameter -= rule.rate * first * reciprocal(divisor);
  }
  store(parameters + at, parameter);
}

// Calls function.operator()<formula>() with that of the rule.
template <class Function>
inline auto with_formula(UpdateFormula formula, const Function& function) {
  switch (formula) {
    case UpdateFormula::kAdam:
      return function.template operator()<UpdateFormula::kAdam>();
    case UpdateFormula::kSgd:
      return function.template operator()<UpdateFormula::kSgd>();
    default:
      return function.template operator()<UpdateFormula::kMomentum>();
  }
}

void update(const UpdateRule& rule, std::int64_t count, const float* gradient, float* parameters,
            float* first_moment, float* second_moment) {
  with_formula(rule.formula, [=]<UpdateFormula kFormula>() {
    for (std::int64_t i = 0; i < count; i += kWidth) {
      step<kFormula>(rule, load(gradient + i), i, parameters, first_moment, second_moment);
    }
  });
}

// A piece has few enough rows and lanes that single precision suffices for the sum of their
// squares.
double rows_update(const UpdateRule& rule, int lanes, const Entry* entries,
                   const std::uint32_t* offsets, std::int64_t columns,
                   const float* current_gradient, float* parameters, float* first_moment,
                   float* second_moment) {
  return with_formula(rule.formula, [=]<UpdateFormula kFormula>() {
    return with_vectors(lanes, [=]<int kVectors>() {
      Floats squares{};
      for (std::int64_t c = 0; c < columns; ++c) {
        auto row = Row<kVectors>::zero();
        add_entries(row, entries + offsets[c], offsets[c + 1] - offsets[c], current_gradient);
        SNN_UNROLL
        for (int v = 0; v < kVectors; ++v) {
          const std::int64_t at = (c * kVectors + v) * kWidth;
          squares += row.value[v] * row.value[v];
          step<kFormula>(rule, row.value[v], at, parameters, first_moment, second_moment);
        }
      }
      return static_cast<double>(sum(squares));
    });
  });
}

double sum_of_squares(std::int64_t count, const float* values) {
  double total = 0;
  // The sum is taken in pieces, for each of which single precision is accurate enough.
  constexpr std::int64_t kPiece = 4096;
  for (std::int64_t first = 0; first < count; first += kPiece) {
    const std::int64_t end = first + kPiece < count ? first + kPiece : count;
    Floats squares[4] = {};
    std::int64_t i = first;
    for (; i + 4 * kWidth <= end; i += 4 * kWidth) {
      SNN_UNROLL
      for (int k = 0; k < 4; ++k) {
        const Floats value = load(values + i + k * kWidth);
        squares[k] += value * value;
      }
    }
    for (; i < end; i += kWidth) squares[0] += load(values + i) * load(values + i);
    total += static_cast<double>(sum((squares[0] + squares[1]) + (squares[2] + squares[3])));
  }
  return total;
}

}  // namespace
}  // namespace snn::kernels
