#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/reset.h"
#include "snn/network/state_quant.h"
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
/// as it is. For subtract-beta it is the membrane before its decay, or the threshold has decayed.
torch::Tensor after_reset(const torch::Tensor& membrane, const torch::Tensor& fired,
                          const torch::Tensor& threshold, Reset reset);

/// The refractory period of neurons (Leaky describes it) in one step. Without one, all its
/// functions return what they are given.
class Resting {
 public:
  /// `steps`: its duration; takes its own tensor, if there is one, off the front of `state`, which
  /// has `count` others of the current's shape.
  Resting(std::int64_t steps, const torch::Tensor& current, State& state, std::size_t count);

  /// The names of a state of neurons with it.
  static std::vector<std::string> names(std::int64_t steps, std::vector<std::string> others);

  /// Of a `fired` that was_above() found, the part that resets: those that could fire.
  torch::Tensor resets(torch::Tensor fired) const;
  /// Of the membranes `above` their thresholds, those of resting neurons are put below.
  torch::Tensor awake(const torch::Tensor& above) const;
  /// The membrane, which of resting neurons is `held`.
  torch::Tensor membrane(const torch::Tensor& reached, const torch::Tensor& held) const;
  /// The state after the step: its own tensor, if there is one, and the `others`.
  State state(const torch::Tensor& spikes, State others) const;
  explicit operator bool() const { return steps_ > 0; }

 private:
  double steps_;
  torch::Tensor left_;      // steps_ + 1 after a spike, one less after each further step
  torch::Tensor is_awake_;  // bool
};

/// How neurons fire and are reset.
struct FiringRule {
  Reset reset = Reset::kSubtract;
  bool reset_delay = true;
  Surrogate surrogate = {};
  bool inhibition = false;
  StateQuant state_quant = {};
  torch::Tensor decay = {};  ///< of the membrane, for subtract-beta
};
/// The rule by the options of a kind; what it does not have is default.
template <class Options>
FiringRule rule_of(const Options& options, torch::Tensor decay = {}) {
  FiringRule rule = {.reset = options.reset(), .surrogate = options.surrogate()};
  rule.decay = std::move(decay);
  if constexpr (requires { options.reset_delay(); }) rule.reset_delay = options.reset_delay();
  if constexpr (requires { options.inhibition(); }) rule.inhibition = options.inhibition();
  if constexpr (requires { options.state_quant(); }) rule.state_quant = options.state_quant();
  return rule;
}
struct Firing {
  torch::Tensor spikes, membrane;
};
/// Spikes and membrane of neurons that go from `previous` to `reached`: the reset of the step
/// before is applied to `reached`, current included, the membrane is quantised, then the neurons
/// fire, and without delay what fired now is reset, too (snnTorch's rule for all kinds but Leaky).
Firing fire_and_reset(const torch::Tensor& reached, const torch::Tensor& previous,
                      const torch::Tensor& threshold, const FiringRule& rule,
                      const Resting* resting = nullptr);

/// Registers the buffers that complete snnTorch's state_dict: "reset_mechanism_val" (0 subtract, 1
/// zero, 2 none) and, for kinds without the option, "graded_spikes_factor" (1).
void register_reset(torch::nn::Module& module, Reset reset);
void register_unit_spikes(torch::nn::Module& module);

}  // namespace snn
