#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstddef>

#include "snn/network/neuron.h"
#include "snn/network/neurons/reset.h"
#include "snn/network/surrogate.h"

namespace snn {

/// Fails unless `state` has `count` tensors of the current's shape.
void expect_state(const torch::Tensor& current, const State& state, std::size_t count);

/// `decay` clamped to decay_range().
torch::Tensor clamped(const torch::Tensor& decay);

/// The spikes, 0 or 1, of neurons whose membrane potential is `above` their threshold, (B,...).
/// With inhibition, `above` is (B,N) and only the neuron of each sample that is furthest above may
/// spike.
torch::Tensor fire(const torch::Tensor& above, const Surrogate& surrogate, bool inhibition = false);

/// 1 where the incoming membrane potential was above the threshold, else 0; not differentiated. It
/// triggers a delayed reset.
torch::Tensor was_above(const torch::Tensor& membrane, const torch::Tensor& threshold);

/// The membrane after the reset of the neurons that `fired` (1, else 0): less the threshold, 0, or
/// as it is.
torch::Tensor after_reset(const torch::Tensor& membrane, const torch::Tensor& fired,
                          const torch::Tensor& threshold, Reset reset);

/// How neurons fire and are reset.
struct FiringRule {
  Reset reset = Reset::kSubtract;
  bool reset_delay = true;
  Surrogate surrogate = {};
  bool inhibition = false;
};
struct Firing {
  torch::Tensor spikes, membrane;
};
/// Spikes and membrane of neurons that go from `previous` to `reached`: the reset of the step
/// before is applied to `reached`, current included, then the neurons fire, and without delay what
/// fired now is reset, too (snnTorch's rule for all kinds but Leaky).
Firing fire_and_reset(const torch::Tensor& reached, const torch::Tensor& previous,
                      const torch::Tensor& threshold, const FiringRule& rule);

/// Registers the buffers that complete snnTorch's state_dict: "reset_mechanism_val" (0 subtract, 1
/// zero, 2 none) and, for kinds without the option, "graded_spikes_factor" (1).
void register_reset(torch::nn::Module& module, Reset reset);
void register_unit_spikes(torch::nn::Module& module);

}  // namespace snn
