#pragma once

// Leaky neurons over time, forward and backward; see snn/neurons/leaky.h for what they compute.

#include <cmath>
#include <numbers>

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// Vectors that are computed side by side, so that one's latency is another's time.
constexpr int kTogether = 4;

// The state of `kCount` vectors of neurons, and one step of it.
template <int kCount, Reset kReset, bool kDelay>
struct Membrane {
  Floats beta[kCount], threshold[kCount];
  Floats stored[kCount] = {};   // as the next step finds it
  Floats reached[kCount] = {};  // before a reset without delay
  Ints was_above[kCount] = {};  // stored > threshold
  Ints is_above[kCount] = {};   // reached > threshold: a spike

  Membrane(const LeakyBlock& block, int first) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      beta[i] = load(block.beta + first + i * kWidth);
      threshold[i] = load(block.threshold + first + i * kWidth);
    }
  }

  void step(const float* current) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const Floats input = load(current + i * kWidth);
      if constexpr (kReset == Reset::kSubtract) {
        // The subtraction does not wait for the membrane.
        const Floats lowered = input - threshold[i];
        reached[i] = beta[i] * stored[i] + select(was_above[i], lowered, input);
      } else if constexpr (kReset == Reset::kZero) {
        reached[i] = select(was_above[i], input, beta[i] * stored[i] + input);
      } else {
        reached[i] = beta[i] * stored[i] + input;
      }
      is_above[i] = reached[i] > threshold[i];
      stored[i] = reached[i];
      if constexpr (kDelay || kReset == Reset::kNone) {
        was_above[i] = is_above[i];
      } else {
        stored[i] = reached[i] - excess(i) * (kReset == Reset::kZero ? reached[i] : threshold[i]);
        was_above[i] = stored[i] > threshold[i];
      }
    }
  }

  // S - R: what a reset without delay takes away, in units of the threshold or of the membrane.
  Floats excess(int i) const {
    const Floats one = splat(1.0F), zero{};
    return select(is_above[i], one, zero) - select(was_above[i], one, zero);
  }
};

template <int kCount, Reset kReset, bool kDelay>
void forward_together(const LeakyBlock& block, int first, const float* current,
                      std::ptrdiff_t stride, const LeakyRecord& record) {
  Membrane<kCount, kReset, kDelay> membrane(block, first);
  current += first;
  for (std::int64_t word = 0, t = 0; t < block.steps; ++word) {
    Ints bits[kCount] = {};
    const std::int64_t end = t + kStepsPerWord < block.steps ? t + kStepsPerWord : block.steps;
    for (Ints bit = Ints{} + 1; t < end; ++t, bit += bit) {
      membrane.step(current + t * stride);
      unsigned mask = 0;
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        bits[i] |= membrane.is_above[i] & bit;
        if (record.masks != nullptr) {
          constexpr int kPerWord = kGroup / kWidth;
          mask |= mask_of(membrane.is_above[i]) << (i % kPerWord * kWidth);
          if (i % kPerWord == kPerWord - 1) {
            const int group = first / kGroup + i / kPerWord;
            record.masks[t * record.masks_stride + group] = static_cast<std::uint16_t>(mask);
            mask = 0;
          }
        }
        const std::ptrdiff_t at = t * record.record_stride + first + i * kWidth;
        if (record.membrane != nullptr) store(record.membrane + at, membrane.stored[i]);
        if (record.spikes != nullptr) {
          store(record.spikes + at, select(membrane.is_above[i], splat(1.0F), Floats{}));
        }
      }
    }
    if (record.words == nullptr) continue;
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      std::uint32_t* to = record.words + word * record.words_stride + first + i * kWidth;
      *reinterpret_cast<Ints*>(to) = bits[i];
    }
  }
}

// Calls function.operator()<count>(first) for all neurons of a block, some vectors at a time, and
// never for a part of a group.
template <class Function>
inline void in_vectors(int lanes, const Function& function) {
  constexpr int kLeast = kGroup / kWidth > kTogether ? kTogether : kGroup / kWidth;
  int first = 0;
  for (; first + kTogether * kWidth <= lanes; first += kTogether * kWidth) {
    function.template operator()<kTogether>(first);
  }
  for (; first < lanes; first += kLeast * kWidth) function.template operator()<kLeast>(first);
}

// Calls function.operator()<reset, delay>() with those of the block.
template <class Function>
inline void with_reset(const LeakyBlock& block, const Function& function) {
  if (block.reset == Reset::kNone) {
    function.template operator()<Reset::kNone, true>();
  } else if (block.reset == Reset::kZero) {
    block.reset_delay ? function.template operator()<Reset::kZero, true>()
                      : function.template operator()<Reset::kZero, false>();
  } else {
    block.reset_delay ? function.template operator()<Reset::kSubtract, true>()
                      : function.template operator()<Reset::kSubtract, false>();
  }
}

void leaky_forward(const LeakyBlock& block, const float* current, std::ptrdiff_t stride,
                   const LeakyRecord& record) {
  with_reset(block, [&]<Reset kReset, bool kDelay>() {
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      forward_together<kCount, kReset, kDelay>(block, first, current, stride, record);
    });
  });
}

// The surrogates' derivatives; the formulas stand in snn/surrogate.h.

// 1 / x for x >= 1, also where x is so large that its inverse is nothing; NaN stays NaN.
inline Floats reciprocal_from_one(Floats x) { return reciprocal(x > 1e30F ? splat(1e30F) : x); }

inline Floats fast_sigmoid(Floats x, float slope) {
  const Floats y = reciprocal_from_one(slope * absolute(x) + 1.0F);
  return y * y;
}

template <SurrogateKind kKind>
inline Floats derivative(Floats x, float first, float second) {
  if constexpr (kKind == SurrogateKind::kAtan) {  // first: pi/2 alpha, second: alpha/2
    const Floats scaled = first * x;
    return second * reciprocal_from_one(scaled * scaled + 1.0F);
  } else if constexpr (kKind == SurrogateKind::kFastSigmoid) {
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
  } else {
    return select(x > 0.0F, splat(1.0F), Floats{});
  }
}

template <SurrogateKind kKind>
void derivatives(const LeakyBlock& block, float* values) {
  float first = static_cast<float>(block.surrogate.parameters[0]);
  float second = static_cast<float>(block.surrogate.parameters[1]);
  if constexpr (kKind == SurrogateKind::kAtan) {
    first = static_cast<float>(std::numbers::pi / 2 * block.surrogate.parameters[0]);
    second = static_cast<float>(block.surrogate.parameters[0] / 2);
  }
  for (std::int64_t t = 0; t < block.steps; ++t) {
    float* row = values + t * block.lanes;
    for (int i = 0; i < block.lanes; i += kWidth) {
      const Floats x = load(row + i) - load(block.threshold + i);
      store(row + i, derivative<kKind>(x, first, second));
    }
  }
}

// Turns membranes (T,lanes) into the surrogate's derivatives there.
void to_derivatives(const LeakyBlock& block, float* values) {
  switch (block.surrogate.kind) {
    case SurrogateKind::kAtan:
      return derivatives<SurrogateKind::kAtan>(block, values);
    case SurrogateKind::kFastSigmoid:
      return derivatives<SurrogateKind::kFastSigmoid>(block, values);
    case SurrogateKind::kSigmoid:
      return derivatives<SurrogateKind::kSigmoid>(block, values);
    case SurrogateKind::kTriangular:
      return derivatives<SurrogateKind::kTriangular>(block, values);
    case SurrogateKind::kStraightThrough:
      return derivatives<SurrogateKind::kStraightThrough>(block, values);
    case SurrogateKind::kSpikeRateEscape:
      return derivatives<SurrogateKind::kSpikeRateEscape>(block, values);
    case SurrogateKind::kSfs:
      return derivatives<SurrogateKind::kSfs>(block, values);
    case SurrogateKind::kSpikeOperator:
      return derivatives<SurrogateKind::kSpikeOperator>(block, values);
  }
}

// What the forward pass is gone through for again: (T,lanes) each.
struct Replay {
  float* slopes;   // the surrogate's derivatives
  float* reached;  // membranes before a reset without delay
  float* stored;   // and after it
};

template <int kCount, Reset kReset, bool kDelay, bool kSees>
void replay_together(const LeakyBlock& block, int first, const float* current,
                     std::ptrdiff_t stride, const Replay& replay) {
  Membrane<kCount, kReset, kDelay> membrane(block, first);
  for (std::int64_t t = 0; t < block.steps; ++t) {
    membrane.step(current + t * stride + first);
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const std::ptrdiff_t at = t * block.lanes + first + i * kWidth;
      store(replay.slopes + at, membrane.reached[i]);
      if constexpr (kSees) store(replay.reached + at, membrane.reached[i]);
      if constexpr (kSees && !kDelay) store(replay.stored + at, membrane.stored[i]);
    }
  }
}

// Walks back through time. With e = dL/dS, g = dL/dV (V: the membrane as it is stored), s the
// surrogate's derivative, U the membrane that is reached and d = dL/dU = dL/dI:
//
//     v(t) = g(t) + beta d(t+1)               zero: g(t) + beta (1 - R(t+1)) d(t+1)
//     with delay, V = U:       d = v + s e
//     subtract without delay:  V = U - (S - R) threshold,  d = v (1 - s threshold) + s e
//     zero without delay:      V = U - (S - R) U,          d = v (1 - (S - R) - s U) + s e
//     dL/dbeta      = sum of d(t) V(t-1)      zero: of d(t) (1 - R(t)) V(t-1)
//     dL/dthreshold = sum of -s e             subtract: also -R d
//                     without delay also v (s threshold - (S - R)), zero: v s U
//
// R(t) = 1 where V(t-1) > threshold, which is not differentiated.
template <int kCount, Reset kReset, bool kDelay, bool kLearns>
void backward_together(const LeakyBlock& block, int first, const Replay& replay,
                       const LeakyGradients& gradients, float* gradient, std::ptrdiff_t stride,
                       const LeakySums& sums) {
  constexpr bool kSees = kLearns || !kDelay || kReset == Reset::kZero;
  const Floats one = splat(1.0F), zero{};
  Floats beta[kCount], threshold[kCount];
  Floats next[kCount] = {};  // d of the step after
  Floats kept[kCount];       // the share of the stored membrane that reaches that step
  Floats total[kCount] = {}, square[kCount] = {}, of_beta[kCount] = {}, of_threshold[kCount] = {};
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    beta[i] = kept[i] = load(block.beta + first + i * kWidth);
    threshold[i] = load(block.threshold + first + i * kWidth);
  }

  for (std::int64_t t = block.steps - 1; t >= 0; --t) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int lane = first + i * kWidth;
      const std::ptrdiff_t at = t * block.lanes + lane;
      const Floats slope = load(replay.slopes + at);
      Floats by_spikes{};  // s e
      if (gradients.spikes != nullptr) {
        by_spikes = slope * load(gradients.spikes + t * gradients.spikes_stride + lane);
      }
      Floats of_stored = kept[i] * next[i];  // v
      if (gradients.membrane != nullptr) {
        of_stored += load(gradients.membrane + t * gradients.membrane_stride + lane);
      }
      Floats before{}, was_above{};  // V(t-1), R(t)
      if constexpr (kSees) {
        const float* stored = kDelay ? replay.reached : replay.stored;
        if (t > 0) before = load(stored + at - block.lanes);
        was_above = select(before > threshold[i], one, zero);
      }

      Floats of_reached = of_stored + by_spikes;  // d
      if constexpr (kLearns) of_threshold[i] -= by_spikes;
      if constexpr (!kDelay) {
        const Floats reached = load(replay.reached + at);
        const Floats excess = select(reached > threshold[i], one, zero) - was_above;
        if constexpr (kReset == Reset::kSubtract) {
          of_reached = of_stored * (one - slope * threshold[i]) + by_spikes;
          if constexpr (kLearns) of_threshold[i] += of_stored * (slope * threshold[i] - excess);
        } else {
          of_reached = of_stored * (one - excess - slope * reached) + by_spikes;
          if constexpr (kLearns) of_threshold[i] += of_stored * slope * reached;
        }
      }
      if constexpr (kReset == Reset::kZero) {
        before *= one - was_above;
        kept[i] = beta[i] * (one - was_above);
      }
      if constexpr (kLearns) {
        of_beta[i] += of_reached * before;
        if constexpr (kReset == Reset::kSubtract) of_threshold[i] -= was_above * of_reached;
      }
      next[i] = of_reached;
      total[i] += of_reached;
      square[i] += of_reached * of_reached;
      if (stride != 0) store(gradient + t * stride + lane, of_reached);
    }
  }

  const auto add = [](float* to, Floats value) { store(to, load(to) + value); };
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    const int lane = first + i * kWidth;
    if (stride == 0) store(gradient + lane, total[i]);
    add(sums.current + lane, total[i]);
    add(sums.square + lane, square[i]);
    if constexpr (kLearns) {
      add(sums.beta + lane, of_beta[i]);
      add(sums.threshold + lane, of_threshold[i]);
    }
  }
}

void leaky_backward(const LeakyBlock& block, const float* current, std::ptrdiff_t stride,
                    const LeakyGradients& gradients, float* gradient, const LeakySums& sums,
                    float* scratch) {
  const std::ptrdiff_t size = block.steps * block.lanes;
  const Replay replay = {scratch, scratch + size, scratch + 2 * size};
  const auto run = [&]<Reset kReset, bool kDelay, bool kLearns>() {
    constexpr bool kSees = kLearns || !kDelay || kReset == Reset::kZero;
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      replay_together<kCount, kReset, kDelay, kSees>(block, first, current, stride, replay);
    });
    to_derivatives(block, replay.slopes);
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      backward_together<kCount, kReset, kDelay, kLearns>(block, first, replay, gradients, gradient,
                                                         stride, sums);
    });
  };
  with_reset(block, [&]<Reset kReset, bool kDelay>() {
    sums.beta != nullptr ? run.template operator()<kReset, kDelay, true>()
                         : run.template operator()<kReset, kDelay, false>();
  });
}

}  // namespace
}  // namespace snn::kernels
