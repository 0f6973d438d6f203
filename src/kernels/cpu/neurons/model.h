#pragma once

// The parts that the models of neurons share. A model has
//
//   Forward<kCount>   parameters and inner state of `kCount` vectors of neurons, with
//     reach()         the membrane of the next step before a reset in that step
//     settle()        the inner state after it; only if kSettles
//   Backward<kCount>  what its adjoint carries from step to step, with
//     carried()       dL/dV that comes from the step after; it may add to dL/dS, too
//     leave()         takes dL/d(reached), returns dL/dI; adds to the gradients of the parameters
//     visit_state()   visits what it carries; only models with which neurons go step by step
//     gradients       of the parameters, (parameter) each `kCount` vectors
//
// and says of itself
//
//   kInner            arrays of inner state that a backward pass reads
//   kParameters       their number
//   kSeesMembranes    the adjoint always reads the membranes; if it does
//   kFiresOnChange    a neuron spikes where its membrane changes by the threshold; if it does
//   kWanted           the parameters, as bits, whose gradients leave() computes; all by default
//   Usual             the same model for those that are usually learned; if it is faster
//   kIsLinear         given the resets, the membrane is linear in the current
//   kKeepsInput       a reset to zero spares the current of its step (only snnTorch's Leaky)
//   kNeedsReplay      the adjoint always reads the membranes

#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// The state of a step that an adjoint sees.
struct Seen {
  Floats input;      // I(t)
  Floats before;     // V(t-1)
  Floats kept;       // the share of V(t-1) and of the drive that a reset to zero leaves: 1 - R(t)
  Floats was_above;  // R(t), 0 or 1
  Floats spiked;     // S(t), 0 or 1
  Floats spiked_before;
  Floats settled;               // V(t)
  Floats by_spikes;             // dL/dV(t) through S(t)
  const float* inner;           // of step t-1, null at the first
  std::ptrdiff_t inner_stride;  // from an array to the next
};

template <class Model>
constexpr bool kSeesMembranes = requires {
  Model::kSeesMembranes;
};
template <class Model>
constexpr bool kFiresOnChange = requires {
  Model::kFiresOnChange;
};
template <class Model>
constexpr bool wants(int parameter) {
  if constexpr (requires { Model::kWanted; }) return (Model::kWanted >> parameter & 1U) != 0;
  return true;
}

// decay V + drive with the reset that a membrane above its threshold brings to this step.
template <Reset kReset, ResetTiming kTiming, bool kKeepsInput>
SNN_INLINE Floats decayed(Floats decay, Floats stored, Floats drive, Ints was_above,
                          Floats threshold) {
  if constexpr (kReset == Reset::kNone || kTiming == ResetTiming::kDetached) {
    return decay * stored + drive;
  } else if constexpr (kReset == Reset::kSubtract) {
    return decay * stored + subtract_where(was_above, drive, threshold);
  } else {
    return select(was_above, kKeepsInput ? drive : Floats{}, decay * stored + drive);
  }
}

// True if a reset to zero takes effect in the step after the spike.
template <Reset kReset, ResetTiming kTiming>
constexpr bool kZeroesLater = kReset == Reset::kZero&& kTiming != ResetTiming::kDetached;

template <int kCount>
SNN_INLINE void load_parameter(const NeuronBlock& block, int which, int first,
                               Floats (&values)[kCount]) {
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    values[i] = load(block.parameters[which] + first + i * kWidth);
  }
}

// The adjoint of decay V + drive.
template <int kCount>
struct DecayAdjoint {
  Floats decay[kCount];
  Floats next[kCount] = {};  // dL/d(reached) of the step after
  Floats kept[kCount];       // the share of the membrane that reaches it

  SNN_INLINE DecayAdjoint(const NeuronBlock& block, int first) {
    load_parameter(block, parameter::kDecay, first, decay);
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) kept[i] = decay[i];
  }
  SNN_INLINE Floats carried(int i) const { return kept[i] * next[i]; }
  template <class Visit>
  SNN_INLINE void visit_state(const Visit& visit) {
    visit(next);
    visit(kept);
  }
  // Adds to the gradient of the decay and returns that of the drive, which a reset to zero clears.
  template <Reset kReset, ResetTiming kTiming, bool kLearns>
  SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen, Floats& of_decay) {
    constexpr bool kZeroes = kZeroesLater<kReset, kTiming>;
    Floats before = seen.before;
    if constexpr (kZeroes) {
      before *= seen.kept;
      kept[i] = decay[i] * seen.kept;
    }
    next[i] = of_reached;
    if constexpr (kLearns) of_decay += of_reached * before;
    if constexpr (kZeroes) return of_reached * seen.kept;
    return of_reached;
  }
};

}  // namespace
}  // namespace snn::kernels
