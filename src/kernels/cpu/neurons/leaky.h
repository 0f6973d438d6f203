#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// decay V + I: snnTorch's Leaky; without reset also integrators.
struct LeakyModel {
  static constexpr int kInner = 0, kParameters = 2;
  static constexpr bool kIsLinear = true, kKeepsInput = true, kNeedsReplay = false,
                        kSettles = false;

  template <int kCount>
  struct Forward {
    Floats decay[kCount];

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, input, was_above, threshold);
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) : membrane(block, first) {}
    SNN_INLINE Floats carried(int i, Floats&) const { return membrane.carried(i); }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      // The drive is the current, which a reset to zero spares.
      membrane.template leave<kReset, kTiming, kLearns>(i, of_reached, seen,
                                                        gradients[parameter::kDecay][i]);
      return of_reached;
    }
  };
};

}  // namespace
}  // namespace snn::kernels
