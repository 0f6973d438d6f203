#pragma once

// The optimisers, with PyTorch's formulas (torch.optim).

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

void update(const UpdateRule& rule, std::int64_t count, const float* gradient, float* parameters,
            float* first_moment, float* second_moment) {
  constexpr float kBeta1 = 0.9F, kBeta2 = 0.999F, kEpsilon = 1e-8F;
  // 1 - 0.999F would be off by 1e-5 of itself.
  constexpr float kRest1 = 0.1F, kRest2 = 0.001F;
  const auto run = [&]<UpdateRule::Kind kKind>() {
    for (std::int64_t i = 0; i < count; i += kWidth) {
      Floats parameter = load(parameters + i) * rule.shrink;
      const Floats slope = load(gradient + i) * rule.gradient_scale + parameter * rule.weight_decay;
      if constexpr (kKind == UpdateRule::Kind::kSgd) {
        parameter -= rule.rate * slope;
      } else if constexpr (kKind == UpdateRule::Kind::kMomentum) {
        const Floats moment = rule.momentum * load(first_moment + i) + slope;
        store(first_moment + i, moment);
        parameter -= rule.rate * moment;
      } else {
        const Floats first = kBeta1 * load(first_moment + i) + kRest1 * slope;
        const Floats second = kBeta2 * load(second_moment + i) + kRest2 * (slope * slope);
        store(first_moment + i, first);
        store(second_moment + i, second);
        const Floats divisor = square_root(second) * rule.second_scale + kEpsilon;
        parameter -= rule.rate * first * reciprocal(divisor);
      }
      store(parameters + i, parameter);
    }
  };
  switch (rule.kind) {
    case UpdateRule::Kind::kAdam:
      return run.template operator()<UpdateRule::Kind::kAdam>();
    case UpdateRule::Kind::kSgd:
      return run.template operator()<UpdateRule::Kind::kSgd>();
    case UpdateRule::Kind::kMomentum:
      return run.template operator()<UpdateRule::Kind::kMomentum>();
  }
}

double sum_of_squares(std::int64_t count, const float* values) {
  double total = 0;
  // In pieces, so that single precision does for each.
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
