#pragma once

// Neurons over time, instantiated from the models in neurons/; neuron_backward.h has the way back.

#include "kernels/cpu/neurons/adaptive.h"
#include "kernels/cpu/neurons/alpha.h"
#include "kernels/cpu/neurons/changing.h"
#include "kernels/cpu/neurons/driven.h"
#include "kernels/cpu/neurons/leaky.h"
#include "kernels/cpu/neurons/looped.h"
#include "kernels/cpu/neurons/rectified.h"
#include "kernels/cpu/neurons/synaptic.h"
#include "kernels/cpu/simd.h"
#include "kernels/kernels.h"

namespace snn::kernels {
namespace {

// The number of vectors computed side by side, to hide the latency of each other's operations.
constexpr int kTogether = 4;

// A model with its reset.
template <class Model_, Reset kReset_, ResetTiming kTiming_>
struct Kind {
  using Model = Model_;
  static constexpr Reset kReset = kReset_;
  static constexpr ResetTiming kTiming = kTiming_;
  static constexpr bool kIsStored =
      (kTiming == ResetTiming::kDelayed || kReset == Reset::kNone) && !kFiresOnChange<Model>;
};

// The state of `kCount` vectors of neurons, and one step of it. Whether a membrane is above its
// threshold is computed wherever it matters: a stored result would have to leave the mask register.
template <class Kind, int kCount>
struct Neurons {
  typename Kind::Model::template Forward<kCount> model;
  Floats threshold[kCount];
  Floats stored[kCount] = {};   // as the next step finds it
  Floats reached[kCount] = {};  // before a reset in the spike's own step, or its change

  SNN_INLINE Neurons(const NeuronBlock& block, int first) : model(block, first) {
    load_parameter(block, parameter::kThreshold, first, threshold);
  }

  SNN_INLINE void step(int i, Floats input) {
    const Ints was_above = stored[i] > threshold[i];
    reached[i] = model.template reach<Kind::kReset, Kind::kTiming>(i, input, stored[i], was_above,
                                                                   threshold[i]);
    if constexpr (kFiresOnChange<typename Kind::Model>) {
      const Floats change = reached[i] - stored[i];
      stored[i] = reached[i];
      reached[i] = absolute(change);
    } else if constexpr (Kind::kIsStored) {
      stored[i] = reached[i];
    } else if constexpr (Kind::kTiming == ResetTiming::kImmediate) {
      // S - R: the amount of the reset, in units of the threshold or of the membrane.
      const Floats one = splat(1.0F), zero{};
      const Floats excess =
          select(reached[i] > threshold[i], one, zero) - select(was_above, one, zero);
      stored[i] = reached[i] - excess * (Kind::kReset == Reset::kZero ? reached[i] : threshold[i]);
    } else {
      const Ints spikes = reached[i] > threshold[i];
      stored[i] = Kind::kReset == Reset::kZero ? select(spikes, Floats{}, reached[i])
                                               : subtract_where(spikes, reached[i], threshold[i]);
    }
    if constexpr (Kind::Model::kSettles) {
      model.settle(i, stored[i], reached[i] > threshold[i]);
    }
  }
};

// Calls visit(t) after each step of `kCount` vectors of neurons, whose currents begin at `current`;
// before(i) is called before the step of a vector.
template <class Kind, int kCount, class Before, class Visit>
SNN_INLINE void run_together(Neurons<Kind, kCount>& neurons, const float* current,
                             std::ptrdiff_t stride, std::int64_t begin, std::int64_t end,
                             const Before& before, const Visit& visit) {
  Floats input[kCount];
  const auto read = [&](std::int64_t t) SNN_INLINE_LAMBDA {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) input[i] = load(current + t * stride + i * kWidth);
  };
  const auto run = [&](bool varies) SNN_INLINE_LAMBDA {
    for (std::int64_t t = begin; t < end; ++t) {
      if (varies) read(t);
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        before(i);
        neurons.step(i, input[i]);
      }
      visit(t);
    }
  };
  if (stride == 0) {
    read(0);
    run(false);
  } else {
    run(true);
  }
}

// The bits of one step, a word for each group of neurons.
template <class Kind, int kCount>
SNN_INLINE void store_masks(const Neurons<Kind, kCount>& neurons, int first, std::uint16_t* masks) {
  constexpr int kPerWord = kGroup / kWidth;
  unsigned mask = 0;
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    mask |= mask_of_larger(neurons.reached[i], neurons.threshold[i]) << (i % kPerWord * kWidth);
    if (i % kPerWord != kPerWord - 1) continue;
    masks[first / kGroup + i / kPerWord] = static_cast<std::uint16_t>(mask);
    mask = 0;
  }
}

// Stores the step `t`, but for the words.
template <class Kind, int kCount>
SNN_INLINE void store_step(const Neurons<Kind, kCount>& neurons, int first, std::int64_t t,
                           const NeuronRecord& record) {
  if (record.masks != nullptr) store_masks(neurons, first, record.masks + t * record.masks_stride);
  const std::ptrdiff_t at = t * record.record_stride + first;
  SNN_UNROLL
  for (int i = 0; i < kCount; ++i) {
    if (record.membrane != nullptr) store(record.membrane + at + i * kWidth, neurons.stored[i]);
    if (record.spikes == nullptr) continue;
    const Ints above = neurons.reached[i] > neurons.threshold[i];
    store(record.spikes + at + i * kWidth, select(above, splat(1.0F), Floats{}));
  }
}

template <class Kind, int kCount>
void forward_together(const NeuronBlock& block, int first, const float* current,
                      std::ptrdiff_t stride, const NeuronRecord& record) {
  Neurons<Kind, kCount> neurons(block, first);
  for (std::int64_t word = 0, begin = 0; begin < block.steps; ++word, begin += kStepsPerWord) {
    const std::int64_t left = block.steps - begin;
    const std::int64_t end = begin + (left < kStepsPerWord ? left : kStepsPerWord);
    Ints bits[kCount] = {};
    Ints bit = Ints{} + 1;
    const auto visit = [&](std::int64_t t) SNN_INLINE_LAMBDA {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        bits[i] = set_where(neurons.reached[i] > neurons.threshold[i], bits[i], bit);
      }
      bit += bit;
      store_step(neurons, first, t, record);
    };
    run_together(
        neurons, current + first, stride, begin, end, [](int) {}, visit);
    if (record.words == nullptr) continue;
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      std::uint32_t* to = record.words + word * record.words_stride + first + i * kWidth;
      *reinterpret_cast<Ints*>(to) = bits[i];
    }
  }
}

// Calls function.operator()<count>(first) for all neurons of a block, some vectors at a time, and
// never for a part of a group.
template <int kMost = kTogether, class Function>
inline void in_vectors(int lanes, const Function& function) {
  constexpr int kLeast = kGroup / kWidth > kMost ? kMost : kGroup / kWidth;
  int first = 0;
  for (; first + kMost * kWidth <= lanes; first += kMost * kWidth) {
    function.template operator()<kMost>(first);
  }
  for (; first < lanes; first += kLeast * kWidth) function.template operator()<kLeast>(first);
}

// Calls function.operator()<Kind>() with that of the block, of which `kTimings` are the model's.
template <class Model, ResetTiming... kTimings, class Function>
inline void with_reset(const NeuronBlock& block, const Function& function) {
  constexpr ResetTiming kAny[] = {kTimings...};
  if (block.reset == Reset::kNone) {
    function.template operator()<Kind<Model, Reset::kNone, kAny[0]>>();
    return;
  }
  const auto run = [&]<ResetTiming kTiming>() {
    block.reset == Reset::kZero
        ? function.template operator()<Kind<Model, Reset::kZero, kTiming>>()
        : function.template operator()<Kind<Model, Reset::kSubtract, kTiming>>();
  };
  ((block.timing == kTimings ? run.template operator()<kTimings>() : void()), ...);
}

template <class Function>
inline void with_kind(const NeuronBlock& block, const Function& function) {
  constexpr auto kDelayed = ResetTiming::kDelayed, kImmediate = ResetTiming::kImmediate,
                 kDetached = ResetTiming::kDetached;
  switch (block.model) {
    case Model::kLeaky:
      return with_reset<LeakyModel, kDelayed, kImmediate>(block, function);
    case Model::kDriven:
      return with_reset<DrivenModel, kDelayed, kDetached>(block, function);
    case Model::kSynaptic:
      return with_reset<SynapticModel, kDelayed, kImmediate>(block, function);
    case Model::kAdaptive:
      return with_reset<AdaptiveModel, kDetached>(block, function);
    case Model::kAlpha:
      return with_reset<AlphaModel, kDelayed>(block, function);
    case Model::kRectified:
      return function.template operator()<Kind<RectifiedModel, Reset::kNone, kDelayed>>();
    case Model::kChanging:
      return function.template operator()<Kind<ChangingModel, Reset::kNone, kDelayed>>();
    case Model::kLooped:
      return with_reset<LoopedModel, kDelayed, kImmediate>(block, function);
    case Model::kLoopedSynaptic:
      return with_reset<LoopedSynapticModel, kDelayed, kImmediate>(block, function);
  }
}

void neurons_forward(const NeuronBlock& block, const float* current, std::ptrdiff_t stride,
                     const NeuronRecord& record) {
  with_kind(block, [&]<class Kind>() {
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      forward_together<Kind, kCount>(block, first, current, stride, record);
    });
  });
}

int list_active(int lanes, const std::uint32_t* words, std::ptrdiff_t stride, std::int64_t count,
                int first, std::uint16_t* active) {
  int found = 0;
  for (int lane = 0; lane < lanes; lane += kWidth) {
    Ints any = load_ints(words + lane);
    for (std::int64_t word = 1; word < count; ++word)
      any |= load_ints(words + lane + word * stride);
    found += store_indices_of_nonzero(any, first + lane, active + found);
  }
  return found;
}

}  // namespace
}  // namespace snn::kernels
