#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// max(0, decay V + I + bias): snnTorch's LeakyParallel, which has no reset.
struct RectifiedModel {
  static constexpr int kInner = 0, kParameters = 3;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = false, kSeesMembranes = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], bias[kCount];

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kBias, first, bias);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints, Floats) {
      const Floats sum = decay[i] * stored + (input + bias[i]);
      return select(sum < 0.0F, Floats{}, sum);
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
      const Floats of_sum = select(seen.settled > 0.0F, of_reached, Floats{});
      membrane.template leave<kReset, kTiming, kLearns>(i, of_sum, seen,
                                                        gradients[parameter::kDecay][i]);
      if constexpr (kLearns) gradients[parameter::kBias][i] += of_sum;
      return of_sum;
    }
  };
};

}  // namespace
}  // namespace snn::kernels
