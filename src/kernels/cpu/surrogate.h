#pragma once

// The surrogates' derivatives; snn/network/surrogate.h has the formulas.

#include <cmath>
#include <numbers>

#include "kernels/cpu/simd.h"
#include "snn/network/surrogate.h"

namespace snn::kernels {
namespace {

// 1 / x for x >= 1, also for x whose inverse underflows; NaN stays NaN.
inline Floats reciprocal_from_one(Floats x) { return reciprocal(x > 1e30F ? splat(1e30F) : x); }

inline Floats fast_sigmoid(Floats x, float slope) {
  const Floats y = reciprocal_from_one(slope * absolute(x) + 1.0F);
  return y * y;
}

// The normal density around 0 at x, 0 where exp() has no more than 1e-38 for it.
struct NormalDensity {
  float exponent, height;

  explicit NormalDensity(double sigma)
      : exponent(static_cast<float>(-0.5 / (sigma * sigma))),
        height(static_cast<float>(1 / (std::sqrt(2 * std::numbers::pi) * sigma))) {}

  SNN_INLINE Floats at(Floats x) const { return height * exponential(exponent * x * x); }
};

// The derivative of one kind of surrogate, with its parameters as the formula has them.
template <SurrogateKind kKind>
struct Derivative {
  float first, second;

  explicit Derivative(const Surrogate& surrogate)
      : first(static_cast<float>(surrogate.parameters[0])),
        second(static_cast<float>(surrogate.parameters[1])) {}

  SNN_INLINE Floats at(Floats x) const {
    if constexpr (kKind == SurrogateKind::kFastSigmoid) {
      return fast_sigmoid(x, first);
    } else if constexpr (kKind == SurrogateKind::kSigmoid) {
      const Floats decay = exponential(-first * absolute(x));
      const Floats y = reciprocal(decay + 1.0F);
      return first * decay * y * y;
    } else if constexpr (kKind == SurrogateKind::kTriangular) {
      return select(x < 0.0F, splat(first), splat(-first));
    } else if constexpr (kKind == SurrogateKind::kStraightThrough) {
      return splat(1.0F);
    } else if constexpr (kKind == SurrogateKind::kSpikeRateEscape) {
      return second * exponential(-first * absolute(x - 1.0F));
    } else if constexpr (kKind == SurrogateKind::kSfs) {
      return select(x > second, fast_sigmoid(x, first), Floats{});
    } else if constexpr (kKind == SurrogateKind::kLso) {
      return select(x > 0.0F, splat(1.0F), splat(first));
    } else if constexpr (kKind == SurrogateKind::kBoxcar) {
      return select(absolute(x) < first / 2, splat(1 / first), Floats{});
    } else if constexpr (kKind == SurrogateKind::kErf) {
      const Floats scaled = first * x;
      constexpr float kScale = std::numbers::inv_sqrtpi_v<float>;
      return kScale * first * exponential(-scaled * scaled);
    } else if constexpr (kKind == SurrogateKind::kLeakyRelu) {
      return select(x >= 0.0F, splat(first), splat(second));
    } else {
      static_assert(kKind == SurrogateKind::kSpikeOperator);
      return select(x > 0.0F, splat(1.0F), Floats{});
    }
  }
};

template <>
struct Derivative<SurrogateKind::kGaussian> {
  NormalDensity density;

  explicit Derivative(const Surrogate& surrogate) : density(surrogate.parameters[0]) {}

  SNN_INLINE Floats at(Floats x) const { return density.at(x); }
};

template <>
struct Derivative<SurrogateKind::kMultiGaussian> {
  NormalDensity middle, side;
  float height, distance;

  explicit Derivative(const Surrogate& surrogate)
      : middle(surrogate.parameters[1]),
        side(surrogate.parameters[1] * surrogate.parameters[2]),
        height(static_cast<float>(surrogate.parameters[0])),
        distance(static_cast<float>(surrogate.parameters[1])) {}

  SNN_INLINE Floats at(Floats x) const {
    return (1 + height) * middle.at(x) - height * (side.at(x - distance) + side.at(x + distance));
  }
};

// The default, which has a kernel of its own: the loop over the neurons' steps leaves the processor
// time for it.
template <>
struct Derivative<SurrogateKind::kAtan> {
  float first, second;

  explicit Derivative(const Surrogate& surrogate)
      : first(static_cast<float>(std::numbers::pi / 2 * surrogate.parameters[0])),
        second(static_cast<float>(surrogate.parameters[0] / 2)) {}

  SNN_INLINE Floats at(Floats x) const {
    const Floats scaled = first * x;
    return second * reciprocal_from_one(scaled * scaled + 1.0F);
  }

  // Computes the derivatives for `kCount` vectors of neurons.
  template <int kCount>
  SNN_INLINE void apply(const Floats (&membrane)[kCount], const Floats (&threshold)[kCount],
                        Floats (&slopes)[kCount]) const {
    if constexpr (kCount == 4) {
      apply_to_four(membrane, threshold, slopes);
    } else {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) slopes[i] = at(membrane[i] - threshold[i]);
    }
  }

 private:
  // Takes one division for four vectors: the inverse of their product.
  SNN_INLINE void apply_to_four(const Floats (&membrane)[4], const Floats (&threshold)[4],
                                Floats (&slopes)[4]) const {
    Floats y[4];
    SNN_UNROLL
    for (int i = 0; i < 4; ++i) {
      const Floats scaled = first * membrane[i] - first * threshold[i];
      y[i] = scaled * scaled + 1.0F;
    }
    const Floats left = y[0] * y[1], right = y[2] * y[3], all = left * right;
    constexpr float kLargest = 1e30F;  // the inverse of what is below is a normal float
    constexpr unsigned kAllLanes = (1U << kWidth) - 1;
    if (mask_of_larger(splat(kLargest), all) != kAllLanes) [[unlikely]] {
      SNN_UNROLL
      for (int i = 0; i < 4; ++i) slopes[i] = at(membrane[i] - threshold[i]);
      return;
    }
    const Floats inverse = second / all;
    const Floats of_left = right * inverse, of_right = left * inverse;
    slopes[0] = y[1] * of_left;
    slopes[1] = y[0] * of_left;
    slopes[2] = y[3] * of_right;
    slopes[3] = y[2] * of_right;
  }
};

// Calls function.operator()<kind>() with that of the surrogate.
template <class Function>
inline void with_surrogate(SurrogateKind kind, const Function& function) {
  switch (kind) {
    case SurrogateKind::kAtan:
      return function.template operator()<SurrogateKind::kAtan>();
    case SurrogateKind::kFastSigmoid:
      return function.template operator()<SurrogateKind::kFastSigmoid>();
    case SurrogateKind::kSigmoid:
      return function.template operator()<SurrogateKind::kSigmoid>();
    case SurrogateKind::kTriangular:
      return function.template operator()<SurrogateKind::kTriangular>();
    case SurrogateKind::kStraightThrough:
      return function.template operator()<SurrogateKind::kStraightThrough>();
    case SurrogateKind::kSpikeRateEscape:
      return function.template operator()<SurrogateKind::kSpikeRateEscape>();
    case SurrogateKind::kSfs:
      return function.template operator()<SurrogateKind::kSfs>();
    case SurrogateKind::kSpikeOperator:
      return function.template operator()<SurrogateKind::kSpikeOperator>();
    case SurrogateKind::kLso:
      return function.template operator()<SurrogateKind::kLso>();
    case SurrogateKind::kBoxcar:
      return function.template operator()<SurrogateKind::kBoxcar>();
    case SurrogateKind::kGaussian:
      return function.template operator()<SurrogateKind::kGaussian>();
    case SurrogateKind::kMultiGaussian:
      return function.template operator()<SurrogateKind::kMultiGaussian>();
    case SurrogateKind::kErf:
      return function.template operator()<SurrogateKind::kErf>();
    case SurrogateKind::kLeakyRelu:
      return function.template operator()<SurrogateKind::kLeakyRelu>();
    case SurrogateKind::kSso:  // uncovered() refuses it
      return;
  }
}

// Replaces `count` values of membrane - threshold, a multiple of 16, by the surrogate's
// derivatives.
inline void derive(const Surrogate& surrogate, std::int64_t count, float* values) {
  with_surrogate(surrogate.kind, [&]<SurrogateKind kKind>() {
    const Derivative<kKind> derivative(surrogate);
    for (std::int64_t i = 0; i < count; i += kWidth) {
      store(values + i, derivative.at(load(values + i)));
    }
  });
}

}  // namespace
}  // namespace snn::kernels
