#pragma once

// Neurons over time, forward and backward, instantiated from the models in neurons/.

#include <tuple>
#include <type_traits>

#include "kernels/cpu/neurons/adaptive.h"
#include "kernels/cpu/neurons/alpha.h"
#include "kernels/cpu/neurons/driven.h"
#include "kernels/cpu/neurons/leaky.h"
#include "kernels/cpu/neurons/looped.h"
#include "kernels/cpu/neurons/synaptic.h"
#include "kernels/cpu/simd.h"
#include "kernels/cpu/surrogate.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// The number of vectors computed side by side, to hide the latency of each other's operations.
constexpr int kTogether = 4;

// A model with its reset.
template <class Model_, Reset kReset_, ResetTiming kTiming_>
struct Kind {
  using Model = Model_;
  static constexpr Reset kReset = kReset_;
  static constexpr ResetTiming kTiming = kTiming_;
  static constexpr bool kIsStored = kTiming == ResetTiming::kDelayed || kReset == Reset::kNone;
};

// The state of `kCount` vectors of neurons, and one step of it. Whether a membrane is above its
// threshold is computed wherever it matters: a stored result would have to leave the mask register.
template <class Kind, int kCount>
struct Neurons {
  typename Kind::Model::template Forward<kCount> model;
  Floats threshold[kCount];
  Floats stored[kCount] = {};   // as the next step finds it
  Floats reached[kCount] = {};  // before a reset in the spike's own step

  SNN_INLINE Neurons(const NeuronBlock& block, int first) : model(block, first) {
    load_parameter(block, parameter::kThreshold, first, threshold);
  }

  SNN_INLINE void step(int i, Floats input) {
    const Ints was_above = stored[i] > threshold[i];
    reached[i] = model.template reach<Kind::kReset, Kind::kTiming>(i, input, stored[i], was_above,
                                                                   threshold[i]);
    if constexpr (Kind::kIsStored) {
      stored[i] = reached[i];
    } else if constexpr (Kind::kTiming == ResetTiming::kImmediate) {
      // S - R: the amount of the reset, in units of the threshold or of the membrane.
      const Floats one = splat(1.0F), zero{};
      const Floats excess =
          select(reached[i] > threshold[i], one, zero) - select(was_above, one, zero);
      stored[i] = reached[i] - excess * (Kind::kReset == Reset::kZero ? reached[i] : threshold[i]);
    } else {
      const Ints spikes = reached[i] > threshold[i];
      stored[i] = Kind::kReset == Reset::kZero ? select(spikes, Floats{}, reached[i])
                                               : subtract_where(spikes, reached[i], threshold[i]);
    }
    if constexpr (Kind::Model::kSettles) {
      model.settle(i, stored[i], reached[i] > threshold[i]);
    }
  }
};

// The derivative of the membrane with respect to a current that is the same at every step, for
// models that are linear given their resets, which are not differentiated: the same arithmetic for
// a current of 1, a reset that subtracts left out.
template <class Kind, int kCount>
struct Tangent {
  typename Kind::Model::template Forward<kCount> model;
  Floats stored[kCount] = {}, reached[kCount] = {};

  SNN_INLINE Tangent(const NeuronBlock& block, int first) : model(block, first) {}

  SNN_INLINE void step(int i, Ints was_above, Ints spikes) {
    constexpr bool kIsLeftOut = Kind::kReset == Reset::kSubtract && !Kind::Model::kNeedsReplay;
    constexpr Reset kReset = kIsLeftOut ? Reset::kNone : Kind::kReset;
    reached[i] =
        model.template reach<kReset, Kind::kTiming>(i, splat(1.0F), stored[i], was_above, Floats{});
    stored[i] = reached[i];
    if constexpr (Kind::kTiming == ResetTiming::kDetached && Kind::kReset == Reset::kZero) {
      stored[i] = select(spikes, Floats{}, reached[i]);
    }
  }
};

// Calls visit(t) after each step of `kCount` vectors of neurons, whose currents begin at `current`;
// before(i) is called before the step of a vector.
template <class Kind, int kCount, class Before, class Visit>
SNN_INLINE void run_together(Neurons<Kind, kCount>& neurons, const float* current,
                             std::ptrdiff_t stride, std::int64_t begin, std::int64_t end,
                             const Before& before, const Visit& visit) {
  Floats input[kCount];
  const auto read = [&](std::int64_t t) SNN_INLINE_LAMBDA {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) input[i] = load(current + t * stride + i * kWidth);
  };
  const auto run = [&](bool varies) SNN_INLINE_LAMBDA {
    for (std::int64_t t = begin; t < end; ++t) {
      if (varies) read(t);
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        before(i);
        neurons.step(i, input[i]);
      }
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
template <class Kind, int kCount>
SNN_INLINE void store_masks(const Neurons<Kind, kCount>& neurons, int first, std::uint16_t* masks) {
  constexpr int kPerWord = kGroup / kWidth;
  unsigned mask = 0;
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    mask |= mask_of_larger(neurons.reached[i], neurons.threshold[i]) << (i % kPerWord * kWidth);
    if (i % kPerWord != kPerWord - 1) continue;
    masks[first / kGroup + i / kPerWord] = static_cast<std::uint16_t>(mask);
    mask = 0;
  }
}

template <class Kind, int kCount>
void forward_together(const NeuronBlock& block, int first, const float* current,
                      std::ptrdiff_t stride, const NeuronRecord& record) {
  Neurons<Kind, kCount> neurons(block, first);
  for (std::int64_t word = 0, begin = 0; begin < block.steps; ++word, begin += kStepsPerWord) {
    const std::int64_t left = block.steps - begin;
    const std::int64_t end = begin + (left < kStepsPerWord ? left : kStepsPerWord);
    Ints bits[kCount] = {};
    Ints bit = Ints{} + 1;
    const auto visit = [&](std::int64_t t) SNN_INLINE_LAMBDA {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        bits[i] = set_where(neurons.reached[i] > neurons.threshold[i], bits[i], bit);
      }
      bit += bit;
      if (record.masks != nullptr)
        store_masks(neurons, first, record.masks + t * record.masks_stride);
      const std::ptrdiff_t at = t * record.record_stride + first;
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        if (record.membrane != nullptr) store(record.membrane + at + i * kWidth, neurons.stored[i]);
        if (record.spikes == nullptr) continue;
        const Ints above = neurons.reached[i] > neurons.threshold[i];
        store(record.spikes + at + i * kWidth, select(above, splat(1.0F), Floats{}));
      }
    };
    run_together(
        neurons, current + first, stride, begin, end, [](int) {}, visit);
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

// Results of the forward pass, which the backward pass repeats: arrays (T,lanes).
struct Replay {
  float* slopes;   // the surrogate's derivatives
  float* reached;  // membranes before a reset in the spike's own step
  float* stored;   // and after it
  float* inner;    // the model's inner state, one array after the other
  float* weights;  // the tangent: see neuron_slopes()

  Replay(const NeuronBlock& block, float* scratch) {
    const std::ptrdiff_t size = block.steps * block.lanes;
    slopes = scratch;
    reached = weights = scratch + size;
    stored = scratch + 2 * size;
    inner = scratch + 3 * size;
  }
};

// True if the adjoint reads the membranes.
template <class Kind, bool kLearns>
constexpr bool kSees = kLearns || Kind::kReset == Reset::kZero ||
                       (Kind::kReset != Reset::kNone &&
                        (Kind::kTiming == ResetTiming::kImmediate || Kind::Model::kNeedsReplay));

// With kAtan, derivatives of atan; otherwise membrane - threshold in their place, for derive().
// With kWeighs, the tangent is stored, or multiplied into the derivatives of atan.
template <class Kind, int kCount, bool kSeen, bool kAtan, bool kWeighs>
void replay_together(const NeuronBlock& block, int first, const float* current,
                     std::ptrdiff_t stride, const Replay& replay) {
  constexpr int kInner = Kind::Model::kInner;
  const Derivative<SurrogateKind::kAtan> atan(block.surrogate);
  const std::ptrdiff_t size = block.steps * block.lanes;
  Neurons<Kind, kCount> neurons(block, first);
  std::conditional_t<kWeighs, Tangent<Kind, kCount>, std::tuple<>> tangent = [&] {
    if constexpr (kWeighs) return Tangent<Kind, kCount>(block, first);
    if constexpr (!kWeighs) return std::tuple<>();
  }();
  Ints was_above[kCount] = {};
  const auto before = [&](int i) SNN_INLINE_LAMBDA {
    if constexpr (kWeighs) was_above[i] = neurons.stored[i] > neurons.threshold[i];
  };
  const auto visit = [&](std::int64_t t) SNN_INLINE_LAMBDA {
    const std::ptrdiff_t at = t * block.lanes + first;
    Floats slopes[kCount];
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const std::ptrdiff_t lane = at + i * kWidth;
      if constexpr (kSeen) store(replay.reached + lane, neurons.reached[i]);
      if constexpr (kSeen && !Kind::kIsStored) store(replay.stored + lane, neurons.stored[i]);
      if constexpr (kSeen) {
        SNN_UNROLL
        for (int k = 0; k < kInner; ++k) {
          if constexpr (kInner > 0)
            store(replay.inner + k * size + lane, neurons.model.inner[k][i]);
        }
      }
      if constexpr (!kAtan) slopes[i] = neurons.reached[i] - neurons.threshold[i];
    }
    if constexpr (kAtan) atan.apply(neurons.reached, neurons.threshold, slopes);
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const std::ptrdiff_t lane = at + i * kWidth;
      if constexpr (kWeighs) {
        tangent.step(i, was_above[i], neurons.reached[i] > neurons.threshold[i]);
        if constexpr (kAtan) {
          slopes[i] *= tangent.reached[i];
        } else {
          store(replay.weights + lane, tangent.reached[i]);
        }
      }
      store(replay.slopes + lane, slopes[i]);
    }
  };
  run_together(neurons, current + first, stride, 0, block.steps, before, visit);
}

template <class Kind, bool kSeen, bool kWeighs>
void replay_block(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                  const Replay& replay) {
  const bool is_atan = block.surrogate.kind == SurrogateKind::kAtan;
  in_vectors(block.lanes, [&]<int kCount>(int first) {
    is_atan
        ? replay_together<Kind, kCount, kSeen, true, kWeighs>(block, first, current, stride, replay)
        : replay_together<Kind, kCount, kSeen, false, kWeighs>(block, first, current, stride,
                                                               replay);
  });
  if (is_atan) return;
  const std::int64_t size = block.steps * block.lanes;
  derive(block.surrogate, size, replay.slopes);
  if constexpr (kWeighs) {
    for (std::int64_t i = 0; i < size; i += kWidth) {
      store(replay.slopes + i, load(replay.slopes + i) * load(replay.weights + i));
    }
  }
}

// Backpropagation through time (P. J. Werbos, "Backpropagation through time: What it does and how
// to do it", Proceedings of the IEEE 78, 1990) with surrogate gradients (Neftci, Mostafa and Zenke,
// 2019; snn/network/surrogate.h). With e = dL/dS, g = dL/dV (V: the membrane as it is stored), s
// the surrogate's derivative, U the membrane before a reset in the spike's own step, d = dL/dU, and
// c what the model carries over from the step after (for decay V + I: decay d(t+1), or, with a
// delayed reset to zero, decay (1 - R(t+1)) d(t+1)):
//
//     v(t) = g(t) + c(t+1)
//     delayed, V = U:       d = v + s e
//     subtract immediately: V = U - (S - R) threshold,  d = v (1 - s threshold) + s e
//     zero immediately:     V = U - (S - R) U,          d = v (1 - (S - R) - s U) + s e
//     detached:             V = U - S threshold or (1 - S) U,  d = v or v (1 - S), + s e
//     dL/dthreshold = sum of -s e             subtract: also -R d
//                     immediate also v (s threshold - (S - R)), zero: v s U; detached also -S v
//
// R(t) = 1 where V(t-1) > threshold, which is not differentiated.
template <class Kind, int kCount, bool kLearns>
void backward_together(const NeuronBlock& block, int first, const Replay& replay,
                       const float* current, const NeuronGradients& gradients, float* gradient,
                       std::ptrdiff_t stride, const NeuronSums& sums) {
  using Model = typename Kind::Model;
  constexpr Reset kReset = Kind::kReset;
  constexpr ResetTiming kTiming = Kind::kTiming;
  constexpr bool kSeen = kSees<Kind, kLearns>;
  constexpr bool kIsReset = kReset != Reset::kNone;
  const std::ptrdiff_t size = block.steps * block.lanes;
  const Floats one = splat(1.0F), zero{};
  typename Model::template Backward<kCount> model(block, first);
  Floats threshold[kCount];
  load_parameter(block, parameter::kThreshold, first, threshold);
  Floats total[kCount] = {}, square[kCount] = {};

  for (std::int64_t t = block.steps - 1; t >= 0; --t) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int lane = first + i * kWidth;
      const std::ptrdiff_t at = t * block.lanes + lane;
      const Floats slope = load(replay.slopes + at);
      Floats of_spike{};  // e
      if (gradients.spikes != nullptr) {
        of_spike = load(gradients.spikes + t * gradients.spikes_stride + lane);
      }
      Floats of_stored = model.carried(i, of_spike);  // v
      const Floats by_spikes = slope * of_spike;
      if (gradients.membrane != nullptr) {
        of_stored += load(gradients.membrane + t * gradients.membrane_stride + lane);
      }
      Seen seen{};
      Floats reached{};
      if constexpr (kSeen) {
        const float* stored = Kind::kIsStored ? replay.reached : replay.stored;
        reached = load(replay.reached + at);
        if (t > 0) seen.before = load(stored + at - block.lanes);
        seen.was_above = select(seen.before > threshold[i], one, zero);
        seen.kept = one - seen.was_above;
        seen.spiked = select(reached > threshold[i], one, zero);
      }
      if constexpr (kLearns) {
        seen.input = load(current + t * stride + lane);
        seen.settled = Kind::kIsStored ? reached : load(replay.stored + at);
        if (t > 0) {
          const Floats reached_before = load(replay.reached + at - block.lanes);
          seen.spiked_before = select(reached_before > threshold[i], one, zero);
          seen.inner = replay.inner + at - block.lanes - i * kWidth;
          seen.inner_stride = size;
        }
      }

      Floats of_reached = of_stored + by_spikes;  // d
      Floats of_threshold{};
      if constexpr (kLearns) of_threshold -= by_spikes;
      if constexpr (kIsReset && kTiming == ResetTiming::kImmediate) {
        const Floats excess = seen.spiked - seen.was_above;
        if constexpr (kReset == Reset::kSubtract) {
          of_reached = of_stored * (one - slope * threshold[i]) + by_spikes;
          if constexpr (kLearns) of_threshold += of_stored * (slope * threshold[i] - excess);
        } else {
          of_reached = of_stored * (one - excess - slope * reached) + by_spikes;
          if constexpr (kLearns) of_threshold += of_stored * slope * reached;
        }
      } else if constexpr (kIsReset && kTiming == ResetTiming::kDetached) {
        if constexpr (kReset == Reset::kZero) {
          of_reached = of_stored * (one - seen.spiked) + by_spikes;
        } else if constexpr (kLearns) {
          of_threshold -= seen.spiked * of_stored;
        }
      }
      if constexpr (kLearns && kReset == Reset::kSubtract && !Model::kNeedsReplay &&
                    kTiming != ResetTiming::kDetached) {
        of_threshold -= seen.was_above * of_reached;
      }
      const Floats of_input = model.template leave<kReset, kTiming, kLearns>(i, of_reached, seen);
      if constexpr (kLearns) model.gradients[parameter::kThreshold][i] += of_threshold;
      total[i] += of_input;
      square[i] += of_input * of_input;
      if (stride != 0) store(gradient + t * stride + lane, of_input);
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
      for (int k = 0; k < Model::kParameters; ++k) {
        add(sums.parameters[k] + lane, model.gradients[k][i]);
      }
    }
  }
}

// Calls function.operator()<Kind>() with that of the block, of which `kTimings` are the model's.
template <class Model, ResetTiming... kTimings, class Function>
inline void with_reset(const NeuronBlock& block, const Function& function) {
  constexpr ResetTiming kAny[] = {kTimings...};
  if (block.reset == Reset::kNone) {
    function.template operator()<Kind<Model, Reset::kNone, kAny[0]>>();
    return;
  }
  const auto run = [&]<ResetTiming kTiming>() {
    block.reset == Reset::kZero
        ? function.template operator()<Kind<Model, Reset::kZero, kTiming>>()
        : function.template operator()<Kind<Model, Reset::kSubtract, kTiming>>();
  };
  ((block.timing == kTimings ? run.template operator()<kTimings>() : void()), ...);
}

template <class Function>
inline void with_kind(const NeuronBlock& block, const Function& function) {
  constexpr auto kDelayed = ResetTiming::kDelayed, kImmediate = ResetTiming::kImmediate,
                 kDetached = ResetTiming::kDetached;
  switch (block.model) {
    case Model::kLeaky:
      return with_reset<LeakyModel, kDelayed, kImmediate>(block, function);
    case Model::kDriven:
      return with_reset<DrivenModel, kDelayed, kDetached>(block, function);
    case Model::kSynaptic:
      return with_reset<SynapticModel, kDelayed, kImmediate>(block, function);
    case Model::kAdaptive:
      return with_reset<AdaptiveModel, kDetached>(block, function);
    case Model::kAlpha:
      return with_reset<AlphaModel, kDelayed>(block, function);
    case Model::kLooped:
      return with_reset<LoopedModel, kDelayed, kImmediate>(block, function);
    case Model::kLoopedSynaptic:
      return with_reset<LoopedSynapticModel, kDelayed, kImmediate>(block, function);
  }
}

void neurons_forward(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                     const NeuronRecord& record) {
  with_kind(block, [&]<class Kind>() {
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      forward_together<Kind, kCount>(block, first, current, stride, record);
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

void neurons_backward(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                      const NeuronGradients& gradients, float* gradient, const NeuronSums& sums,
                      float* scratch) {
  const Replay replay(block, scratch);
  const auto run = [&]<class Kind, bool kLearns>() {
    replay_block<Kind, kSees<Kind, kLearns>, /*kWeighs=*/false>(block, current, stride, replay);
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      backward_together<Kind, kCount, kLearns>(block, first, replay, current, gradients, gradient,
                                               stride, sums);
    });
  };
  with_kind(block, [&]<class Kind>() {
    sums.parameters[0] != nullptr ? run.template operator()<Kind, true>()
                                  : run.template operator()<Kind, false>();
  });
}

void neuron_slopes(const NeuronBlock& block, const float* current, float* slopes) {
  const Replay replay(block, slopes);
  with_kind(block, [&]<class Kind>() {
    if constexpr (Kind::Model::kIsLinear && Kind::kTiming != ResetTiming::kImmediate) {
      replay_block<Kind, /*kSeen=*/false, /*kWeighs=*/true>(block, current, 0, replay);
    }
  });
}

}  // namespace
}  // namespace snn::kernels
