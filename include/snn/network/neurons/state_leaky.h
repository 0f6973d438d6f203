#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/state_leaky_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky neurons without reset, as snnTorch's StateLeaky: the membrane is the current convolved
/// with an exponential kernel,
///
///     U[t] = sum over j < K of d^j I[t - j],  d = exp(-1 / tau)
///     S[t] = graded_spikes_factor H(U[t] - threshold)
///
/// with K = kernel_truncation_steps, or no limit if that is 0. Without limit it is computed as the
/// recursion U' = d U + I. tau is 1 / (1 - beta) at first, and learned with learn_beta. Unlike
/// snnTorch, which multiplies spikes by the factor twice, it is applied once.
///
/// State: with a limit the K - 1 last currents, "current K-1" to "current 1"; "membrane".
/// Parameters (or buffers, if not learned), 0-dim or (N): "tau", "threshold",
/// "graded_spikes_factor"; the buffers "beta", unused, and "reset_mechanism_val" (0) complete
/// snnTorch's state_dict.
class StateLeakyImpl : public torch::nn::Cloneable<StateLeakyImpl>, public Neuron {
 public:
  explicit StateLeakyImpl(StateLeakyOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  StateLeakyOptions options;
  torch::Tensor tau, threshold, graded_spikes_factor;
};
TORCH_MODULE(StateLeaky);

inline StateLeaky make_neuron(const StateLeakyOptions& options, const Shape&, const Seeds&) {
  return StateLeaky(options);
}

}  // namespace snn
