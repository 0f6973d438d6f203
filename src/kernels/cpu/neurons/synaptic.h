#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// s = current_decay s + I; decay V + s: snnTorch's Synaptic. The current s is not reset.
struct SynapticModel {
  static constexpr int kInner = 1, kParameters = 3;
  static constexpr bool kIsLinear = true, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = false;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], current_decay[kCount];
    Floats inner[kInner][kCount] = {};  // s

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kCurrentDecay, first, current_decay);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      inner[0][i] = current_decay[i] * inner[0][i] + input;
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, inner[0][i], was_above,
                                                   threshold);
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats current_decay[kCount];
    Floats next_current[kCount] = {};  // dL/ds of the step after
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) : membrane(block, first) {
      load_parameter(block, parameter::kCurrentDecay, first, current_decay);
    }
    SNN_INLINE Floats carried(int i, Floats&) const { return membrane.carried(i); }
    template <class Visit>
    SNN_INLINE void visit_state(const Visit& visit) {
      membrane.visit_state(visit);
      visit(next_current);
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      const Floats of_drive = membrane.template leave<kReset, kTiming, kLearns>(
          i, of_reached, seen, gradients[parameter::kDecay][i]);
      next_current[i] = current_decay[i] * next_current[i] + of_drive;
      if constexpr (kLearns) {
        if (seen.inner != nullptr) {
          gradients[parameter::kCurrentDecay][i] += next_current[i] * load(seen.inner + i * kWidth);
        }
      }
      return next_current[i];
    }
  };
};

}  // namespace
}  // namespace snn::kernels
