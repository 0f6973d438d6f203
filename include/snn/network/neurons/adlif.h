#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/adlif_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Adaptive leaky integrate-and-fire neurons, whose adaptation follows the membrane (coupling a)
/// and the spikes (coupling b), discretised by the symplectic Euler method: SE-adLIF of M. Baronig,
/// R. Ferrand, S. Sabathiel and R. Legenstein, "Advancing spatio-temporal processing through
/// adaptation in spiking neural networks" (Nature Communications 16, 2025; arXiv:2408.07517, 2024).
/// With the decays beta of the membrane and d of the adaptation, and the scale q:
///
///     V  = beta U + (1 - beta) (I - w)
///     S  = H(V - threshold)
///     U' = V - S threshold (subtract), (1 - S) V (zero, as its authors), V (none)
///     w' = d w + (1 - d) q (a U' + b S)
///
/// The reset is applied in the spike's own step, and S is not differentiated in it. beta, d and a
/// are clamped to [0, 1], b to [0, 2]. The recurrent weights of the paper's networks are not part
/// of it.
///
/// refractory works as in Leaky.
///
/// State: "adaptation", "membrane" (after the reset). Parameters (or buffers, if not learned),
/// 0-dim or (N): "beta", "adaptation_decay", "a", "b", "threshold"; buffer: "adaptation_scale".
class AdlifImpl : public torch::nn::Cloneable<AdlifImpl>, public Neuron {
 public:
  explicit AdlifImpl(AdlifOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override;
  StepResult step(const torch::Tensor& current, const State& state) const override;

  AdlifOptions options;
  torch::Tensor beta, adaptation_decay, a, b, threshold, adaptation_scale;
};
TORCH_MODULE(Adlif);

inline Adlif make_neuron(const AdlifOptions& options, const Shape&, const Seeds&) {
  return Adlif(options);
}

}  // namespace snn
