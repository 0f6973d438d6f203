#pragma once

// Neurons one step at a time, for layers in which every neuron's current depends on the spikes of
// all of them: the same models, whose state waits in memory from step to step.

#include "kernels/cpu/neuron.h"
#include "kernels/cpu/neuron_backward.h"

namespace snn::kernels {
namespace {

// The models of neurons with dense recurrence, which is a part of their current.
template <class Function>
inline void with_stepped_kind(const NeuronBlock& block, const Function& function) {
  constexpr auto kDelayed = ResetTiming::kDelayed, kImmediate = ResetTiming::kImmediate;
  block.model == Model::kDriven ? with_reset<DrivenModel, kDelayed, kImmediate>(block, function)
                                : with_reset<SynapticModel, kDelayed, kImmediate>(block, function);
}

template <class Kind, int kCount, class Visit>
SNN_INLINE void visit_state(Neurons<Kind, kCount>& neurons, const Visit& visit) {
  visit(neurons.stored);
  if constexpr (Kind::Model::kInner > 0) {
    for (auto& inner : neurons.model.inner) visit(inner);
  }
}
template <class Kind, int kCount, bool kLearns, class Visit>
SNN_INLINE void visit_state(Adjoint<Kind, kCount, kLearns>& adjoint, const Visit& visit) {
  adjoint.model.visit_state(visit);
}

// The state of one sample's neurons, (kStateArrays,lanes), from the lane at `at` on.
template <int kCount, class Object>
SNN_INLINE void load_state(Object& object, int lanes, const float* at) {
  visit_state(object, [&](Floats(&values)[kCount]) SNN_INLINE_LAMBDA {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) values[i] = load(at + i * kWidth);
    at += lanes;
  });
}
template <int kCount, class Object>
SNN_INLINE void store_state(Object& object, int lanes, float* at) {
  visit_state(object, [&](const Floats(&values)[kCount]) SNN_INLINE_LAMBDA {
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) store(at + i * kWidth, values[i]);
    at += lanes;
  });
}

template <class Kind, int kCount>
void step_together(const NeuronBlock& block, int first, std::int64_t t, std::int64_t samples,
                   const float* current, std::ptrdiff_t current_stride, const float* recurrent,
                   float* total, NeuronRecord record, float* state) {
  const std::int64_t words = (block.steps + kStepsPerWord - 1) / kStepsPerWord;
  const std::int64_t bit_of_step = t % kStepsPerWord;
  const Ints bit = Ints{} + (1 << bit_of_step);
  Neurons<Kind, kCount> neurons(block, first);
  if (record.words != nullptr) record.words += t / kStepsPerWord * record.words_stride;
  current += first;
  recurrent += first;
  total += t * block.lanes + first;
  state += first;
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    if (t == 0) {
      neurons = Neurons<Kind, kCount>(block, first);
    } else {
      load_state<kCount>(neurons, block.lanes, state);
    }
    SNN_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const Floats input = load(current + i * kWidth) + load(recurrent + i * kWidth);
      store(total + i * kWidth, input);
      neurons.step(i, input);
    }
    store_step(neurons, first, t, record);
    if (record.words != nullptr) {
      SNN_UNROLL
      for (int i = 0; i < kCount; ++i) {
        std::uint32_t* to = record.words + first + i * kWidth;
        const Ints before = bit_of_step == 0 ? Ints{} : load_ints(to);
        *reinterpret_cast<Ints*>(to) =
            set_where(neurons.reached[i] > neurons.threshold[i], before, bit);
      }
      record.words += words * record.words_stride;
    }
    store_state<kCount>(neurons, block.lanes, state);
    current += current_stride;
    recurrent += block.lanes;
    total += block.steps * block.lanes;
    state += kStateArrays * block.lanes;
    if (record.masks != nullptr) record.masks += block.steps * record.masks_stride;
    if (record.membrane != nullptr) record.membrane += block.steps * record.record_stride;
    if (record.spikes != nullptr) record.spikes += block.steps * record.record_stride;
  }
}

void neurons_step(const NeuronBlock& block, std::int64_t t, std::int64_t samples,
                  const float* current, std::ptrdiff_t current_stride, const float* recurrent,
                  float* total, const NeuronRecord& record, float* state) {
  with_stepped_kind(block, [&]<class Kind>() {
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      step_together<Kind, kCount>(block, first, t, samples, current, current_stride, recurrent,
                                  total, record, state);
    });
  });
}

void neurons_replay(const NeuronBlock& block, std::int64_t samples, const float* total, bool learns,
                    float* replay) {
  const std::ptrdiff_t size = block.steps * block.lanes;
  with_stepped_kind(block, [&]<class Kind>() {
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const Replay of_sample(block, replay + sample * kReplayArrays * size);
      const auto run = [&]<bool kSeen>() {
        replay_block<Kind, kSeen, /*kWeighs=*/false>(block, total + sample * size, block.lanes,
                                                     of_sample);
      };
      learns ? run.template operator()<kSees<Kind, true>>()
             : run.template operator()<kSees<Kind, false>>();
    }
  });
}

template <class Kind, int kCount, bool kLearns>
void step_back_together(const NeuronBlock& block, int first, std::int64_t t, std::int64_t samples,
                        const NeuronGradients& gradients, float* total, const NeuronSums& sums,
                        float* replay, float* state) {
  const std::ptrdiff_t size = block.steps * block.lanes;
  Adjoint<Kind, kCount, kLearns> initial(block, first);
  Adjoint<Kind, kCount, kLearns> adjoint = initial;
  for (std::int64_t sample = 0; sample < samples; ++sample, total += size) {
    float* own = state + sample * kStateArrays * block.lanes + first;
    if (t + 1 == block.steps || (t + 1) % window_of(block) == 0) {
      store_state<kCount>(initial, block.lanes, own);
    }
    load_state<kCount>(adjoint, block.lanes, own);
    NeuronGradients of_sample{};  // the same at every step
    if (gradients.spikes != nullptr) {
      of_sample.spikes = gradients.spikes + sample * gradients.spikes_stride;
    }
    if (gradients.membrane != nullptr) {
      of_sample.membrane = gradients.membrane + sample * gradients.membrane_stride;
    }
    adjoint.step(block, first, t, Replay(block, replay + sample * kReplayArrays * size), total,
                 of_sample, total, block.lanes);
    store_state<kCount>(adjoint, block.lanes, own);
  }
  adjoint.add_to(sums, first);
}

void neurons_step_back(const NeuronBlock& block, std::int64_t t, std::int64_t samples,
                       const NeuronGradients& gradients, float* total, const NeuronSums& sums,
                       float* replay, float* state) {
  const auto run = [&]<class Kind, bool kLearns>() {
    in_vectors(block.lanes, [&]<int kCount>(int first) {
      step_back_together<Kind, kCount, kLearns>(block, first, t, samples, gradients, total, sums,
                                                replay, state);
    });
  };
  with_stepped_kind(block, [&]<class Kind>() {
    wanted_of(sums) != 0 ? run.template operator()<Kind, true>()
                         : run.template operator()<Kind, false>();
  });
}

}  // namespace
}  // namespace snn::kernels
