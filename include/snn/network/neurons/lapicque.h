#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/lapicque_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Lapicque's integrate-and-fire neuron, an RC circuit (L. Lapicque, "Recherches quantitatives sur
/// l'excitation électrique des nerfs traitée comme une polarisation", 1907), exactly as snnTorch's
/// Lapicque: the forward Euler method for R C dU/dt = R I - U. With r = time_step / (R C) and, not
/// differentiated, S' = 1 where the membrane before the step is above the threshold:
///
///     F = r R I + (1 - r) U
///     subtract  U' = F - S' threshold
///     zero      U' = F - S' F, the current of that step is lost too
///     none      U' = F
///     subtract-beta  U' = r R I + (1 - r) (U - S' threshold)
///     S = H(U' - threshold)
///
/// If beta defines R and C, the decay per step is therefore 1 + ln(beta), the first-order
/// approximation of beta, and negative for beta < 1/e. Inhibition works as in Leaky.
///
/// state_quant and refractory work as in Leaky.
///
/// State: "membrane". "threshold" is a parameter (or a buffer, if not learned); the buffers "beta",
/// "R", "C", "time_step", "graded_spikes_factor" (1) and "reset_mechanism_val" complete snnTorch's
/// state_dict.
class LapicqueImpl : public torch::nn::Cloneable<LapicqueImpl>, public Neuron {
 public:
  explicit LapicqueImpl(LapicqueOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  LapicqueOptions options;
  torch::Tensor threshold, resistance, capacitance, time_step;
};
TORCH_MODULE(Lapicque);

inline Lapicque make_neuron(const LapicqueOptions& options, const Shape&, const Seeds&) {
  return Lapicque(options);
}

}  // namespace snn
