#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// e = slow e + I, h = fast h - I, U = tau (e + h): snnTorch's Alpha. Where the membrane was above
// the threshold, a reset to zero clears e, h and U; one that subtracts takes the threshold from e,
// clears h and adds the h before the step to U.
struct AlphaModel {
  static constexpr int kInner = 2, kParameters = 4;
  static constexpr bool kIsLinear = true, kKeepsInput = false, kNeedsReplay = true,
                        kSettles = false;

  template <int kCount>
  struct Forward {
    Floats slow[kCount], fast[kCount], tau[kCount];
    Floats inner[kInner][kCount] = {};  // e, h

    SNN_INLINE Forward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kExcitation, first, slow);
      load_parameter(block, parameter::kInhibition, first, fast);
      load_parameter(block, parameter::kTau, first, tau);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats, Ints was_above, Floats threshold) {
      static_assert(kTiming == ResetTiming::kDelayed);
      Floats &excitation = inner[0][i], &inhibition = inner[1][i];
      const Floats inhibition_before = inhibition;
      excitation = slow[i] * excitation + input;
      inhibition = fast[i] * inhibition - input;
      Floats reached = tau[i] * (excitation + inhibition);
      if constexpr (kReset == Reset::kSubtract) {
        reached += select(was_above, inhibition_before, Floats{});
        excitation = subtract_where(was_above, excitation, threshold);
        inhibition = select(was_above, Floats{}, inhibition);
      } else if constexpr (kReset == Reset::kZero) {
        reached = select(was_above, Floats{}, reached);
        excitation = select(was_above, Floats{}, excitation);
        inhibition = select(was_above, Floats{}, inhibition);
      }
      return reached;
    }
  };

  template <int kCount>
  struct Backward {
    Floats slow[kCount], fast[kCount], tau[kCount];
    Floats of_excitation[kCount] = {}, of_inhibition[kCount] = {};  // of this step
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first) {
      load_parameter(block, parameter::kExcitation, first, slow);
      load_parameter(block, parameter::kInhibition, first, fast);
      load_parameter(block, parameter::kTau, first, tau);
    }
    // The next membrane comes from the currents alone.
    SNN_INLINE Floats carried(int, Floats&) const { return Floats{}; }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      if constexpr (kLearns && kReset == Reset::kSubtract) {
        gradients[parameter::kThreshold][i] -= seen.was_above * of_excitation[i];
      }
      Floats by_reset{};  // of the inhibition before
      if constexpr (kReset == Reset::kSubtract) {
        by_reset = seen.was_above * of_reached;
        of_inhibition[i] *= seen.kept;
      } else if constexpr (kReset == Reset::kZero) {
        of_reached *= seen.kept;
        of_excitation[i] *= seen.kept;
        of_inhibition[i] *= seen.kept;
      }
      of_excitation[i] += tau[i] * of_reached;
      of_inhibition[i] += tau[i] * of_reached;
      if constexpr (kLearns) {
        Floats excitation{}, inhibition{};  // before
        if (seen.inner != nullptr) {
          excitation = load(seen.inner + i * kWidth);
          inhibition = load(seen.inner + seen.inner_stride + i * kWidth);
        }
        gradients[parameter::kExcitation][i] += of_excitation[i] * excitation;
        gradients[parameter::kInhibition][i] += of_inhibition[i] * inhibition;
        gradients[parameter::kTau][i] += of_reached * (slow[i] * excitation + fast[i] * inhibition);
      }
      const Floats of_input = of_excitation[i] - of_inhibition[i];
      of_excitation[i] *= slow[i];
      of_inhibition[i] = fast[i] * of_inhibition[i] + by_reset;
      return of_input;
    }
  };
};

}  // namespace
}  // namespace snn::kernels
