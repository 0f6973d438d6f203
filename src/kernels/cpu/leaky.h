#pragma once

// Leaky neurons over time, forward and backward; snn/network/neurons/leaky.h defines them.

#include "kernels/cpu/simd.h"
#include "kernels/cpu/surrogate.h"
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

// What the backward pass needs of the forward pass, which is repeated for it: (T,lanes) each.
struct Replay {
  float* slopes;   // the surrogate's derivatives
  float* reached;  // membranes before a reset without delay
  float* stored;   // and after it
};

// With kAtan, derivatives of atan; otherwise membrane - threshold in their place, for derive().
template <int kCount, Reset kReset, bool kDelay, bool kSees, bool kAtan>
void replay_together(const LeakyBlock& block, int first, const float* current,
                     std::ptrdiff_t stride, const Replay& replay) {
  const Derivative<SurrogateKind::kAtan> atan(block.surrogate);
  Membrane<kCount, kReset, kDelay> membrane(block, first);
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
                   if constexpr (!kAtan) slopes[i] = membrane.reached[i] - membrane.threshold[i];
                 }
                 if constexpr (kAtan) {
                   atan.apply(membrane.reached, membrane.threshold, slopes);
                 }
                 SNN_UNROLL
                 for (int i = 0; i < kCount; ++i) store(replay.slopes + at + i * kWidth, slopes[i]);
               });
}

template <Reset kReset, bool kDelay, bool kSees>
void replay_block(const LeakyBlock& block, const float* current, std::ptrdiff_t stride,
                  const Replay& replay) {
  const bool is_atan = block.surrogate.kind == SurrogateKind::kAtan;
  in_vectors(block.lanes, [&]<int kCount>(int first) {
    is_atan ? replay_together<kCount, kReset, kDelay, kSees, true>(block, first, current, stride,
                                                                   replay)
            : replay_together<kCount, kReset, kDelay, kSees, false>(block, first, current, stride,
                                                                    replay);
  });
  if (!is_atan) derive(block.surrogate, block.steps * block.lanes, replay.slopes);
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
    replay_block<kReset, kDelay, kSees>(block, current, stride, replay);
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

// Multiplies the slopes by the sums of beta's powers up to each step's number.
inline void weigh_slopes(const LeakyBlock& block, float* slopes) {
  for (int lane = 0; lane < block.lanes; lane += kWidth) {
    const Floats beta = load(block.beta + lane);
    Floats weight{};
    for (std::int64_t t = 0; t < block.steps; ++t) {
      float* slope = slopes + t * block.lanes + lane;
      weight = beta * weight + 1.0F;
      store(slope, load(slope) * weight);
    }
  }
}

void leaky_slopes(const LeakyBlock& block, const float* current, float* slopes) {
  const Replay replay = {slopes, nullptr, nullptr};
  block.reset == Reset::kNone
      ? replay_block<Reset::kNone, /*kDelay=*/true, /*kSees=*/false>(block, current, 0, replay)
      : replay_block<Reset::kSubtract, /*kDelay=*/true, /*kSees=*/false>(block, current, 0, replay);
  weigh_slopes(block, slopes);
}

}  // namespace
}  // namespace snn::kernels
