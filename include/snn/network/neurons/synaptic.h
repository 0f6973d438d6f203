#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/synaptic_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky integrate-and-fire neurons with a synaptic current, exactly as snnTorch's Synaptic. With R
/// = 1 where the membrane before the step is above the threshold (not differentiated) and decays
/// clamped to [0, 1]:
///
///     s' = alpha s + I
///     F  = beta U + s'
///     subtract  U' = F - R threshold
///     zero      U' = F - R F, the current of that step is lost too, and s' is kept
///     none      U' = F
///     subtract-beta  U' = beta (U - R threshold) + s'
///     S  = H(U' - threshold)
///
/// reset_delay and inhibition work as in Leaky.
///
/// state_quant and refractory work as in Leaky.
///
/// State: "synaptic current", "membrane". Parameters (or buffers, if not learned), 0-dim or (N):
/// "alpha", "beta", "threshold"; the buffers "graded_spikes_factor" (1) and "reset_mechanism_val"
/// complete snnTorch's state_dict.
class SynapticImpl : public torch::nn::Cloneable<SynapticImpl>, public Neuron {
 public:
  explicit SynapticImpl(SynapticOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  SynapticOptions options;
  torch::Tensor alpha, beta, threshold;
};
TORCH_MODULE(Synaptic);

inline Synaptic make_neuron(const SynapticOptions& options, const Shape&, const Seeds&) {
  return Synaptic(options);
}

}  // namespace snn
