#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// decay V + gain I: snnTorch's Lapicque, SpikingJelly's ParametricLIFNode.
struct DrivenModel {
  static constexpr int kInner = 0, kParameters = 3;
  static constexpr bool kIsLinear = true, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = false;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], gain[kCount];

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kGain, first, gain);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, gain[i] * input, was_above,
                                                   threshold);
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats gain[kCount];
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) : membrane(block, first) {
      load_parameter(block, parameter::kGain, first, gain);
    }
    SNN_INLINE Floats carried(int i, Floats&) const { return membrane.carried(i); }
    template <class Visit>
    SNN_INLINE void visit_state(const Visit& visit) {
      membrane.visit_state(visit);
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      const Floats of_drive = membrane.template leave<kReset, kTiming, kLearns>(
          i, of_reached, seen, gradients[parameter::kDecay][i]);
      if constexpr (kLearns) {
        gradients[parameter::kGain][i] += of_drive * seen.input;
      }
      return gain[i] * of_drive;
    }
  };
};

}  // namespace
}  // namespace snn::kernels
