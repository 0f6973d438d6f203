#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/leaky_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky integrate-and-fire neurons, exactly as snnTorch's Leaky. With R = 1 where the membrane
/// before the step is above the threshold (not differentiated):
///
///     subtract  U' = clamp(beta, 0, 1) U + I - R threshold
///     zero      U' = clamp(beta, 0, 1) (1 - R) U + I
///     none      U' = clamp(beta, 0, 1) U + I
///     subtract-beta  U' = clamp(beta, 0, 1) (U - R threshold) + I
///     S = graded_spikes_factor H(U' - threshold)
///
/// Without reset_delay the spike also resets the membrane in its own step: with D = S /
/// graded_spikes_factor - R, by D threshold (subtract) or D U' (zero). With inhibition
/// (winner-take-all) only the neuron of each sample (B,N) that is furthest above (or least below)
/// its threshold may spike, and the spike's amplitude is 1.
///
/// With state_quant the membrane is quantised before it fires (snnTorch's state_quant).
///
/// With refractory = n a neuron rests in the n steps after a spike: it does not integrate its
/// current, its membrane stays where the reset has put it, and it does not spike, as during the
/// refractory time of NEST's iaf neurons (iaf_psc_exp: V_m is held at V_reset and currents are
/// lost; t_ref = n steps). Its other states, a synaptic current or an adaptation, go on. Afterwards
/// it is not reset again.
///
/// State: "refractory", only if n > 0: n + 1 after a step with a spike, one less after each further
/// step; "membrane". Parameters (or buffers, if not learned), 0-dim or (N): "beta", "threshold",
/// "graded_spikes_factor"; the buffer "reset_mechanism_val" (0 subtract, 1 zero, 2 none) completes
/// snnTorch's state_dict.
///
///     snn::Leaky lif(snn::LeakyOptions(0.9).threshold(0.5).learn_beta(true));
///     auto [spikes, state] = lif->step(current, lif->initial_state({B, N}, torch::kFloat));
class LeakyImpl : public torch::nn::Cloneable<LeakyImpl>, public Neuron {
 public:
  explicit LeakyImpl(LeakyOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  LeakyOptions options;
  torch::Tensor beta, threshold, graded_spikes_factor;
};
TORCH_MODULE(Leaky);

inline Leaky make_neuron(const LeakyOptions& options, const Shape&, const Seeds&) {
  return Leaky(options);
}

}  // namespace snn
