#pragma once

#include "kernels/cpu/neurons/model.h"

namespace snn::kernels {
namespace {

// The loop from a neuron's spike to its own current in the next step, V_r S(t-1), which is
// differentiated: snnTorch's RLeaky and RSynaptic with all_to_all=False.
template <int kCount>
struct LoopForward {
  Floats weight[kCount];
  Floats current[kCount] = {};

  SNN_INLINE LoopForward(const NeuronBlock& block, int which, int first) {
    load_parameter(block, which, first, weight);
  }
  SNN_INLINE void settle(int i, Ints spiked) { current[i] = select(spiked, weight[i], Floats{}); }
};

template <int kCount>
struct LoopBackward {
  Floats weight[kCount];
  Floats next[kCount] = {};  // dL/d(current) of the step after

  SNN_INLINE LoopBackward(const NeuronBlock& block, int which, int first) {
    load_parameter(block, which, first, weight);
  }
};

// decay V + I + V_r S(t-1).
struct LoopedModel {
  static constexpr int kInner = 0, kParameters = 3;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount];
    LoopForward<kCount> loop;

    SNN_INLINE Forward(const NeuronBlock& block, int first) : loop(block, parameter::kLoop, first) {
      load_parameter(block, parameter::kDecay, first, decay);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, input + loop.current[i],
                                                   was_above, threshold);
    }
    SNN_INLINE void settle(int i, Floats, Ints spiked) { loop.settle(i, spiked); }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    LoopBackward<kCount> loop;
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first)
        : membrane(block, first), loop(block, parameter::kLoop, first) {}
    SNN_INLINE Floats carried(int i, Floats& of_spike) const {
      of_spike += loop.weight[i] * loop.next[i];
      return membrane.carried(i);
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      const Floats of_drive = membrane.template leave<kReset, kTiming, kLearns>(
          i, of_reached, seen, gradients[parameter::kDecay][i]);
      loop.next[i] = of_drive;
      if constexpr (kLearns) {
        gradients[parameter::kLoop][i] += of_drive * seen.spiked_before;
      }
      return of_drive;
    }
  };
};

// s = current_decay s + I + V_r S(t-1); decay V + s.
struct LoopedSynapticModel {
  static constexpr int kInner = 1, kParameters = 4;
  static constexpr bool kIsLinear = false, kKeepsInput = false, kNeedsReplay = false,
                        kSettles = true;

  template <int kCount>
  struct Forward {
    Floats decay[kCount], current_decay[kCount];
    LoopForward<kCount> loop;
    Floats inner[kInner][kCount] = {};  // s

    SNN_INLINE Forward(const NeuronBlock& block, int first)
        : loop(block, parameter::kSynapticLoop, first) {
      load_parameter(block, parameter::kDecay, first, decay);
      load_parameter(block, parameter::kCurrentDecay, first, current_decay);
    }
    template <Reset kReset, ResetTiming kTiming>
    SNN_INLINE Floats reach(int i, Floats input, Floats stored, Ints was_above, Floats threshold) {
      inner[0][i] = current_decay[i] * inner[0][i] + (input + loop.current[i]);
      return decayed<kReset, kTiming, kKeepsInput>(decay[i], stored, inner[0][i], was_above,
                                                   threshold);
    }
    SNN_INLINE void settle(int i, Floats, Ints spiked) { loop.settle(i, spiked); }
  };

  template <int kCount>
  struct Backward {
    DecayAdjoint<kCount> membrane;
    Floats current_decay[kCount];
    LoopBackward<kCount> loop;  // its next is dL/ds of the step after, too
    Floats gradients[kParameters][kCount] = {};

    SNN_INLINE Backward(const NeuronBlock& block, int first)
        : membrane(block, first), loop(block, parameter::kSynapticLoop, first) {
      load_parameter(block, parameter::kCurrentDecay, first, current_decay);
    }
    SNN_INLINE Floats carried(int i, Floats& of_spike) const {
      of_spike += loop.weight[i] * loop.next[i];
      return membrane.carried(i);
    }
    template <Reset kReset, ResetTiming kTiming, bool kLearns>
    SNN_INLINE Floats leave(int i, Floats of_reached, const Seen& seen) {
      const Floats of_drive = membrane.template leave<kReset, kTiming, kLearns>(
          i, of_reached, seen, gradients[parameter::kDecay][i]);
      loop.next[i] = current_decay[i] * loop.next[i] + of_drive;
      if constexpr (kLearns) {
        gradients[parameter::kSynapticLoop][i] += loop.next[i] * seen.spiked_before;
        if (seen.inner != nullptr) {
          gradients[parameter::kCurrentDecay][i] += loop.next[i] * load(seen.inner + i * kWidth);
        }
      }
      return loop.next[i];
    }
  };
};

}  // namespace
}  // namespace snn::kernels
