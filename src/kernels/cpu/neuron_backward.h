#pragma once

// Neurons backward in time, instantiated from the models in neurons/.

#include <cstring>
#include <tuple>
#include <type_traits>

#include "kernels/cpu/neuron.h"
#include "kernels/cpu/surrogate.h"

namespace snn::kernels {
namespace {

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

// The steps through which gradients flow back.
inline std::int64_t window_of(const NeuronBlock& block) {
  return block.window > 0 ? block.window : block.steps;
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
constexpr bool kSees = kLearns || kSeesMembranes<typename Kind::Model> ||
                       Kind::kReset == Reset::kZero ||
                       (Kind::kReset != Reset::kNone &&
                        (Kind::kTiming == ResetTiming::kImmediate || Kind::Model::kNeedsReplay));

// True if the membrane after a reset does not follow from the one before alone.
template <class Kind>
constexpr bool kReplaysStored = !Kind::kIsStored && (Kind::kTiming == ResetTiming::kImmediate ||
                                                     kFiresOnChange<typename Kind::Model>);

// The membrane after a reset that is not differentiated, or none.
template <class Kind>
SNN_INLINE Floats settled_from(Floats reached, Floats threshold) {
  if constexpr (Kind::kIsStored) return reached;
  const Ints spikes = reached > threshold;
  return Kind::kReset == Reset::kZero ? select(spikes, Floats{}, reached)
                                      : subtract_where(spikes, reached, threshold);
}

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
      if constexpr (kSeen && kReplaysStored<Kind>) store(replay.stored + lane, neurons.stored[i]);
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
  // The state does not depend on the windows, but its tangent does.
  const std::int64_t window = kWeighs ? window_of(block) : block.steps;
  for (std::int64_t begin = 0; begin < block.steps; begin += window) {
    if constexpr (kWeighs) {
      if (begin > 0) tangent = Tangent<Kind, kCount>(block, first);
    }
    const std::int64_t end = begin + window < block.steps ? begin + window : block.steps;
    run_together(neurons, current + first, stride, begin, end, before, visit);
  }
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
//
// Truncated after windows of K steps (R. J. Williams and J. Peng, "An efficient gradient-based
// algorithm for on-line training of recurrent network trajectories", Neural Computation 2, 1990),
// the state that a window begins with is a constant: c = 0 at the last step of each window.
template <class Kind, int kCount, bool kLearns>
struct Adjoint {
  using Model = typename Kind::Model;

  typename Model::template Backward<kCount> model;
  Floats threshold[kCount];
  Floats total[kCount] = {}, square[kCount] = {};

  SNN_INLINE Adjoint(const NeuronBlock& block, int first) : model(block, first) {
    load_parameter(block, parameter::kThreshold, first, threshold);
  }

  // At the end of a window nothing is carried over from the step after.
  SNN_INLINE void forget_carried(const NeuronBlock& block, int first) {
    typename Model::template Backward<kCount> fresh(block, first);
    std::memcpy(fresh.gradients, model.gradients, sizeof fresh.gradients);
    model = fresh;
  }

  // Goes back by step `t`; with a stride of 0 only the sums of the gradient are kept.
  SNN_INLINE void step(const NeuronBlock& block, int first, std::int64_t t, const Replay& replay,
                       const float* current, const NeuronGradients& gradients, float* gradient,
                       std::ptrdiff_t stride) {
    constexpr Reset kReset = Kind::kReset;
    constexpr ResetTiming kTiming = Kind::kTiming;
    constexpr bool kSeen = kSees<Kind, kLearns>;
    constexpr bool kIsReset = kReset != Reset::kNone;
    const std::ptrdiff_t size = block.steps * block.lanes;
    const Floats one = splat(1.0F), zero{};
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
      Floats by_spikes = slope * of_spike;
      if (gradients.membrane != nullptr) {
        of_stored += load(gradients.membrane + t * gradients.membrane_stride + lane);
      }
      Seen seen{};
      Floats reached{};
      if constexpr (kSeen) {
        reached = load(replay.reached + at);
        if (t > 0) {
          seen.before =
              kReplaysStored<Kind>
                  ? load(replay.stored + at - block.lanes)
                  : settled_from<Kind>(load(replay.reached + at - block.lanes), threshold[i]);
        }
        seen.was_above = select(seen.before > threshold[i], one, zero);
        seen.kept = one - seen.was_above;
        seen.spiked = select(reached > threshold[i], one, zero);
        seen.settled = kReplaysStored<Kind> ? load(replay.stored + at)
                                            : settled_from<Kind>(reached, threshold[i]);
      }
      if constexpr (kLearns) {
        seen.input = load(current + t * stride + lane);
        if (t > 0) {
          const Floats reached_before = load(replay.reached + at - block.lanes);
          seen.spiked_before = select(reached_before > threshold[i], one, zero);
          seen.inner = replay.inner + at - block.lanes - i * kWidth;
          seen.inner_stride = size;
        }
      }

      if constexpr (kFiresOnChange<Model>) {
        const Floats change = seen.settled - seen.before;
        by_spikes = select(change < 0.0F, -by_spikes, select(change > 0.0F, by_spikes, zero));
        seen.by_spikes = by_spikes;
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
      if constexpr (kLearns && wants<Model>(parameter::kThreshold)) {
        model.gradients[parameter::kThreshold][i] += of_threshold;
      }
      total[i] += of_input;
      square[i] += of_input * of_input;
      if (stride != 0) store(gradient + t * stride + lane, of_input);
    }
  }

  SNN_INLINE void add_to(const NeuronSums& sums, int first) const {
    const auto add = [](float* to, Floats value) { store(to, load(to) + value); };
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int lane = first + i * kWidth;
      add(sums.current + lane, total[i]);
      add(sums.square + lane, square[i]);
      if constexpr (kLearns) {
        for (int k = 0; k < Model::kParameters; ++k) {
          if (sums.parameters[k] != nullptr) add(sums.parameters[k] + lane, model.gradients[k][i]);
        }
      }
    }
  }
};

template <class Kind, int kCount, bool kLearns>
void backward_together(const NeuronBlock& block, int first, const Replay& replay,
                       const float* current, const NeuronGradients& gradients, float* gradient,
                       std::ptrdiff_t stride, const NeuronSums& sums) {
  Adjoint<Kind, kCount, kLearns> adjoint(block, first);
  const std::int64_t window = window_of(block);
  std::int64_t begin = (block.steps - 1) / window * window;
  for (std::int64_t t = block.steps - 1; t >= 0; --t) {
    if (t < begin) {
      begin -= window;
      adjoint.forget_carried(block, first);
    }
    adjoint.step(block, first, t, replay, current, gradients, gradient, stride);
  }
  if (stride == 0) {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) store(gradient + first + i * kWidth, adjoint.total[i]);
  }
  adjoint.add_to(sums, first);
}

// The parameters whose gradients are wanted, as bits.
inline unsigned wanted_of(const NeuronSums& sums) {
  unsigned wanted = 0;
  for (int k = 0; k < parameter::kMost; ++k) {
    if (sums.parameters[k] != nullptr) wanted |= 1U << k;
  }
  return wanted;
}

void neurons_backward(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                      const NeuronGradients& gradients, float* gradient, const NeuronSums& sums,
                      float* scratch) {
  const Replay replay(block, scratch);
  // The gradients of the parameters take half of the registers.
  const auto run = [&]<class Kind, bool kLearns>() {
    replay_block<Kind, kSees<Kind, kLearns>, /*kWeighs=*/false>(block, current, stride, replay);
    in_vectors<kLearns ? kTogether / 2 : kTogether>(block.lanes, [&]<int kCount>(int first) {
      backward_together<Kind, kCount, kLearns>(block, first, replay, current, gradients, gradient,
                                               stride, sums);
    });
  };
  with_kind(block, [&]<class Any>() {
    const unsigned wanted = wanted_of(sums);
    if (wanted == 0) return run.template operator()<Any, false>();
    if constexpr (requires { typename Any::Model::Usual; }) {
      using Usual = typename Any::Model::Usual;
      if ((wanted & ~Usual::kWanted) == 0) {
        return run.template operator()<Kind<Usual, Any::kReset, Any::kTiming>, true>();
      }
    }
    run.template operator()<Any, true>();
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
