#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/plif_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Parametric leaky integrate-and-fire neurons, which learn their time constant (W. Fang et al.,
/// "Incorporating learnable membrane time constant to enhance learning of spiking neural networks",
/// ICCV 2021), exactly as SpikingJelly's ParametricLIFNode with detach_reset. With 1 / tau =
/// sigmoid(w):
///
///     V  = U + (I - U) / tau        with decay_input
///     V  = U - U / tau + I          without
///     S  = H(V - threshold)
///     U' = V - S threshold (subtract), (1 - S) V (zero), V (none)
///
/// The reset is applied in the spike's own step, and S is not differentiated in it. A spike needs a
/// membrane above the threshold, strictly; SpikingJelly's may also be at it.
///
/// refractory works as in Leaky.
///
/// State: "membrane", after the reset. Parameters (or buffers, if not learned), 0-dim or (N): "w",
/// "threshold".
class PlifImpl : public torch::nn::Cloneable<PlifImpl>, public Neuron {
 public:
  explicit PlifImpl(PlifOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  PlifOptions options;
  torch::Tensor w, threshold;
};
TORCH_MODULE(Plif);

inline Plif make_neuron(const PlifOptions& options, const Shape&, const Seeds&) {
  return Plif(options);
}

}  // namespace snn
