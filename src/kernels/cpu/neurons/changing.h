#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// decay V + I, which spikes where it changes by more than the threshold: snnTorch's DeltaLeaky,
// which has no reset. The threshold is not learned.
struct ChangingModel {
  static constexpr int kInner = 0, kParameters = 2;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = false, kSeesMembranes = true, kFiresOnChange = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount];

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints, Floats) {
      return decay[i] * stored + input;
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats by_spikes[kCount] = {};  // what the spikes of the step after have from its membrane
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) : membrane(block, first) {}
    SNN_INLINE Floats carried(int i, Floats&) const { return membrane.carried(i) - by_spikes[i]; }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      by_spikes[i] = seen.by_spikes;
      return membrane.template leave<kReset, kTiming, kLearns>(i, of_reached, seen,
                                                               gradients[parameter::kDecay][i]);
    }
  };
};

}  // namespace
}  // namespace snn::kernels
