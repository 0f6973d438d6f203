#pragma once

// Leaky neurons over time, forward and backward; snn/network/neurons/leaky.h defines them.

#include <numbers>

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// Vectors that are computed side by side, so that one's latency is another's time.
constexpr int kTogether = 4;

// The state of `kCount` vectors of neurons, and one step of it. Whether a membrane is above its
// threshold is asked anew wherever it matters: an answer that is kept would be moved out of the
// mask register that it comes in.
template <int kCount, Reset kReset, bool kDelay>
struct Membrane {
  Floats beta[kCount], threshold[kCount];
  Floats stored[kCount] = {};   // as the next step finds it
  Floats reached[kCount] = {};  // before a reset without delay

  SNN_INLINE Membrane(const LeakyBlock& block, int first) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      beta[i] = load(block.beta + first + i * kWidth);
      threshold[i] = load(block.threshold + first + i * kWidth);
    }
  }

  SNN_INLINE void step(int i, Floats input) {
    const Ints was_above = stored[i] > threshold[i];
    if constexpr (kReset == Reset::kSubtract) {
      reached[i] = beta[i] * stored[i] + subtract_where(was_above, input, threshold[i]);
    } else if constexpr (kReset == Reset::kZero) {
      reached[i] = select(was_above, input, beta[i] * stored[i] + input);
    } else {
      reached[i] = beta[i] * stored[i] + input;
    }
    if constexpr (kDelay || kReset == Reset::kNone) {
      stored[i] = reached[i];
    } else {
      // S - R: what the reset takes away, in units of the threshold or of the membrane.
      const Floats one = splat(1.0F), zero{};
      const Floats excess =
          select(reached[i] > threshold[i], one, zero) - select(was_above, one, zero);
      stored[i] = reached[i] - excess * (kReset == Reset::kZero ? reached[i] : threshold[i]);
    }
  }
};

// Calls visit(t) after each step of `kCount` vectors of neurons from `first` on.
template <int kCount, Reset kReset, bool kDelay, class Visit>
SNN_INLINE void run_together(Membrane<kCount, kReset, kDelay>& membrane, const float* current,
                             std::ptrdiff_t stride, std::int64_t begin, std::int64_t end,
                             const Visit& visit) {
  Floats input[kCount];
  const auto read = [&](std::int64_t t) SNN_INLINE_LAMBDA {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) input[i] = load(current + t * stride + i * kWidth);
  };
  const auto run = [&](bool varies) SNN_INLINE_LAMBDA {
    for (std::int64_t t = begin; t < end; ++t) {
      if (varies) read(t);
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) membrane.step(i, input[i]);
      visit(t);
    }
  };
  if (stride == 0) {
    read(0);
    run(false);
  } else {
    run(true);
  }
}

// The bits of one step, a word for each group of neurons.
template <int kCount, Reset kReset, bool kDelay>
SNN_INLINE void store_masks(const Membrane<kCount, kReset, kDelay>& membrane, int first,
                            std::uint16_t* masks) {
  constexpr int kPerWord = kGroup / kWidth;
  unsigned mask = 0;
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    mask |= mask_of_larger(membrane.reached[i], membrane.threshold[i]) << (i % kPerWord * kWidth);
    if (i % kPerWord != kPerWord - 1) continue;
    masks[first / kGroup + i / kPerWord] = static_cast<std::uint16_t>(mask);
    mask = 0;
  }
}

template <int kCount, Reset kReset, bool kDelay>
void forward_together(const LeakyBlock& block, int first, const float* current,
                      std::ptrdiff_t stride, const LeakyRecord& record) {
  Membrane<kCount, kReset, kDelay> membrane(block, first);
  for (std::int64_t word = 0, begin = 0; begin < block.steps; ++word, begin += kStepsPerWord) {
    const std::int64_t left = block.steps - begin;
    const std::int64_t end = begin + (left < kStepsPerWord ? left : kStepsPerWord);
    Ints bits[kCount] = {};
    Ints bit = Ints{} + 1;
    const auto visit = [&](std::int64_t t) SNN_INLINE_LAMBDA {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        bits[i] = set_where(membrane.reached[i] > membrane.threshold[i], bits[i], bit);
      }
      bit += bit;
      if (record.masks != nullptr)
        store_masks(membrane, first, record.masks + t * record.masks_stride);
      const std::ptrdiff_t at = t * record.record_stride + first;
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        if (record.membrane != nullptr)
          store(record.membrane + at + i * kWidth, membrane.stored[i]);
        if (record.spikes == nullptr) continue;
        const Ints above = membrane.reached[i] > membrane.threshold[i];
        store(record.spikes + at + i * kWidth, select(above, splat(1.0F), Floats{}));
      }
    };
    run_together(membrane, current + first, stride, begin, end, visit);
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

int list_active(int lanes, const std::uint32_t* words, std::ptrdiff_t stride, std::int64_t count,
                int first, std::uint16_t* active) {
  int found = 0;
  for (int lane = 0; lane < lanes; lane += kWidth) {
    Ints any = load_ints(words + lane);
    for (std::int64_t word = 1; word < count; ++word)
      any |= load_ints(words + lane + word * stride);
    found += store_indices_of_nonzero(any, first + lane, active + found);
  }
  return found;
}

// The surrogates' derivatives; snn/network/surrogate.h has the formulas.

// 1 / x for x >= 1, also where x is so large that its inverse is nothing; NaN stays NaN.
inline Floats reciprocal_from_one(Floats x) { return reciprocal(x > 1e30F ? splat(1e30F) : x); }

inline Floats fast_sigmoid(Floats x, float slope) {
  const Floats y = reciprocal_from_one(slope * absolute(x) + 1.0F);
  return y * y;
}

// The derivative of one kind of surrogate, its constants made ready.
template <SurrogateKind kKind>
struct Derivative {
  float first, second;

  explicit Derivative(const Surrogate& surrogate)
      : first(static_cast<float>(surrogate.parameters[0])),
        second(static_cast<float>(surrogate.parameters[1])) {
    if constexpr (kKind == SurrogateKind::kAtan) {
      first = static_cast<float>(std::numbers::pi / 2 * surrogate.parameters[0]);
      second = static_cast<float>(surrogate.parameters[0] / 2);
    }
  }

  // Of `kCount` vectors of neurons.
  template <int kCount>
  SNN_INLINE void apply(const Floats (&membrane)[kCount], const Floats (&threshold)[kCount],
                        Floats (&slopes)[kCount]) const {
    if constexpr (kKind == SurrogateKind::kAtan && kCount == 4) {
      atan(membrane, threshold, slopes);
    } else {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) slopes[i] = at(membrane[i] - threshold[i]);
    }
  }

 private:
  SNN_INLINE Floats at(Floats x) const {
    if constexpr (kKind == SurrogateKind::kAtan) {
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

  // Four at the price of one division: by their product.
  SNN_INLINE void atan(const Floats (&membrane)[4], const Floats (&threshold)[4],
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
  }
}

// What the forward pass is gone through for again: (T,lanes) each.
struct Replay {
  float* slopes;   // the surrogate's derivatives
  float* reached;  // membranes before a reset without delay
  float* stored;   // and after it
};

// The neurons' steps leave the processor time for the derivatives. With kWeighs, a derivative is
// multiplied by the sum of beta's powers up to the step's number: see leaky_slopes().
template <int kCount, Reset kReset, bool kDelay, bool kSees, bool kWeighs, SurrogateKind kKind>
void replay_together(const LeakyBlock& block, int first, const float* current,
                     std::ptrdiff_t stride, const Replay& replay) {
  const Derivative<kKind> derivative(block.surrogate);
  Membrane<kCount, kReset, kDelay> membrane(block, first);
  Floats weight[kCount] = {};
  run_together(membrane, current + first, stride, 0, block.steps,
               [&](std::int64_t t) SNN_INLINE_LAMBDA {
                 const std::ptrdiff_t at = t * block.lanes + first;
                 Floats slopes[kCount];
                 SNN_UNROLL
                 for (int i = 0; i < kCount; ++i) {
                   if constexpr (kSees)
                     store(replay.reached + at + i * kWidth, membrane.reached[i]);
                   if constexpr (kSees && !kDelay)
                     store(replay.stored + at + i * kWidth, membrane.stored[i]);
                 }
                 derivative.apply(membrane.reached, membrane.threshold, slopes);
                 SNN_UNROLL
                 for (int i = 0; i < kCount; ++i) {
                   if constexpr (kWeighs) {
                     weight[i] = membrane.beta[i] * weight[i] + 1.0F;
                     slopes[i] *= weight[i];
                   }
                   store(replay.slopes + at + i * kWidth, slopes[i]);
                 }
               });
}

// Backpropagation through time (P. J. Werbos, "Backpropagation through time: What it does and how
// to do it", Proceedings of the IEEE 78, 1990) with surrogate gradients (Neftci, Mostafa and Zenke,
// 2019; snn/network/surrogate.h). With e = dL/dS, g = dL/dV (V: the membrane as it is stored), s
// the surrogate's derivative, U the membrane before a reset without delay, d = dL/dU = dL/dI:
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
    with_surrogate(block.surrogate.kind, [&]<SurrogateKind kKind>() {
      in_vectors(block.lanes, [&]<int kCount>(int first) {
        replay_together<kCount, kReset, kDelay, kSees, /*kWeighs=*/false, kKind>(
            block, first, current, stride, replay);
      });
    });
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

void leaky_slopes(const LeakyBlock& block, const float* current, float* slopes) {
  const auto run = [&]<Reset kReset>() {
    with_surrogate(block.surrogate.kind, [&]<SurrogateKind kKind>() {
      in_vectors(block.lanes, [&]<int kCount>(int first) {
        replay_together<kCount, kReset, /*kDelay=*/true, /*kSees=*/false, /*kWeighs=*/true, kKind>(
            block, first, current, /*stride=*/0, {slopes, nullptr, nullptr});
      });
    });
  };
  block.reset == Reset::kNone ? run.template operator()<Reset::kNone>()
                              : run.template operator()<Reset::kSubtract>();
}

}  // namespace
}  // namespace snn::kernels
