#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// decay V + (1 - decay) (I - w), then w = slow w + (1 - slow) (a V + b S): SE-adLIF. The reset is
// in the spike's own step, and the adaptation w is differentiated through the spike.
struct AdaptiveModel {
  static constexpr int kInner = 1, kParameters = 5;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], slow[kCount], of_membrane[kCount], of_spikes[kCount];
    Floats inner[kInner][kCount] = {};  // w

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kSlow, first, slow);
      load_parameter(block, parameter::kOfMembrane, first, of_membrane);
      load_parameter(block, parameter::kOfSpikes, first, of_spikes);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      const Floats drive = (1.0F - decay[i]) * (input - inner[0][i]);
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, drive, was_above, threshold);
    }
    SNN_INLINE void settle(int i, Floats stored, Ints spiked) {
      const Floats drive = of_membrane[i] * stored + select(spiked, of_spikes[i], Floats{});
      inner[0][i] = slow[i] * inner[0][i] + (1.0F - slow[i]) * drive;
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats slow[kCount], of_membrane[kCount], of_spikes[kCount];
    Floats of_adaptation[kCount] = {};  // dL/dw of this step
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) : membrane(block, first) {
      load_parameter(block, parameter::kSlow, first, slow);
      load_parameter(block, parameter::kOfMembrane, first, of_membrane);
      load_parameter(block, parameter::kOfSpikes, first, of_spikes);
    }
    SNN_INLINE Floats carried(int i, Floats& of_spike) const {
      const Floats of_drive = (1.0F - slow[i]) * of_adaptation[i];
      of_spike += of_spikes[i] * of_drive;
      return membrane.carried(i) + of_membrane[i] * of_drive;
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      membrane.template leave<kReset, kTiming, kLearns>(i, of_reached, seen,
                                                        gradients[parameter::kDecay][i]);
      if constexpr (kLearns) {
        const Floats before = seen.inner == nullptr ? Floats{} : load(seen.inner + i * kWidth);
        const Floats of_drive = (1.0F - slow[i]) * of_adaptation[i];
        gradients[parameter::kDecay][i] -= of_reached * (seen.input - before);
        gradients[parameter::kSlow][i] +=
            of_adaptation[i] *
            (before - of_membrane[i] * seen.settled - of_spikes[i] * seen.spiked);
        gradients[parameter::kOfMembrane][i] += of_drive * seen.settled;
        gradients[parameter::kOfSpikes][i] += of_drive * seen.spiked;
      }
      const Floats of_input = (1.0F - membrane.decay[i]) * of_reached;
      of_adaptation[i] = slow[i] * of_adaptation[i] - of_input;
      return of_input;
    }
  };
};

}  // namespace
}  // namespace snn::kernels
