#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// decay V + (1 - decay) (I - w), then w = slow w + (1 - slow) (a V + b S): SE-adLIF. The reset is
// in the spike's own step, and the adaptation w is differentiated through the spike.
template <unsigned kWanted_>
struct AdaptiveModelOf {
  static constexpr unsigned kWanted = kWanted_;
  static constexpr bool kWantsDecays =
      (kWanted & (1U << parameter::kDecay | 1U << parameter::kSlow)) != 0;
  using Usual = AdaptiveModelOf<1U << parameter::kOfMembrane | 1U << parameter::kOfSpikes>;

  static constexpr int kInner = kWantsDecays ? 1 : 0, kParameters = 5;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], rate[kCount];  // and 1 - decay
    Floats slow[kCount];
    Floats of_membrane[kCount], of_spikes[kCount];  // (1 - slow) a, (1 - slow) b
    Floats inner[1][kCount] = {};                   // w

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kSlow, first, slow);
      load_parameter(block, parameter::kOfMembrane, first, of_membrane);
      load_parameter(block, parameter::kOfSpikes, first, of_spikes);
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        rate[i] = 1.0F - decay[i];
        of_membrane[i] *= 1.0F - slow[i];
        of_spikes[i] *= 1.0F - slow[i];
      }
    }
    // A step waits for the one before: the sums are in the order in which their terms are ready.
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints, Floats) {
      static_assert(kTiming == ResetTiming::kDetached || kReset == Reset::kNone);
      return decay[i] * stored + rate[i] * input - rate[i] * inner[0][i];
    }
    SNN_INLINE void settle(int i, Floats stored, Ints spiked) {
      inner[0][i] =
          select(spiked, of_spikes[i], Floats{}) + slow[i] * inner[0][i] + of_membrane[i] * stored;
    }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats minus_rate[kCount];  // decay - 1
    Floats slow[kCount];
    Floats of_membrane[kCount], of_spikes[kCount];  // (1 - slow) a, (1 - slow) b
    const float *a, *b;
    Floats of_adaptation[kCount] = {};  // dL/dw of this step
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first)
        : membrane(block, first),
          a(block.parameters[parameter::kOfMembrane] + first),
          b(block.parameters[parameter::kOfSpikes] + first) {
      load_parameter(block, parameter::kSlow, first, slow);
      load_parameter(block, parameter::kOfMembrane, first, of_membrane);
      load_parameter(block, parameter::kOfSpikes, first, of_spikes);
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        minus_rate[i] = membrane.decay[i] - 1.0F;
        of_membrane[i] *= 1.0F - slow[i];
        of_spikes[i] *= 1.0F - slow[i];
      }
    }
    SNN_INLINE Floats carried(int i, Floats& of_spike) const {
      of_spike += of_spikes[i] * of_adaptation[i];
      return membrane.carried(i) + of_membrane[i] * of_adaptation[i];
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      membrane.template leave<kReset, kTiming, kLearns && kWantsDecays>(
          i, of_reached, seen, gradients[parameter::kDecay][i]);
      if constexpr (kLearns) {
        const Floats of_drive = (1.0F - slow[i]) * of_adaptation[i];
        gradients[parameter::kOfMembrane][i] += of_drive * seen.settled;
        gradients[parameter::kOfSpikes][i] += of_drive * seen.spiked;
      }
      if constexpr (kLearns && kWantsDecays) {
        const Floats before = seen.inner == nullptr ? Floats{} : load(seen.inner + i * kWidth);
        gradients[parameter::kDecay][i] -= of_reached * (seen.input - before);
        const Floats drive =
            load(a + i * kWidth) * seen.settled + load(b + i * kWidth) * seen.spiked;
        gradients[parameter::kSlow][i] += of_adaptation[i] * (before - drive);
      }
      of_adaptation[i] = minus_rate[i] * of_reached + slow[i] * of_adaptation[i];
      return (1.0F - membrane.decay[i]) * of_reached;
    }
  };
};
using AdaptiveModel = AdaptiveModelOf<~0U>;

}  // namespace
}  // namespace snn::kernels
