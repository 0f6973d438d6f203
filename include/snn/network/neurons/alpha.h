#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/alpha_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Neurons whose membrane follows an alpha function after an input spike, exactly as snnTorch's
/// Alpha: the difference of an excitatory and an inhibitory current, of which the first decays more
/// slowly. With R = 1 where the membrane before the step is above the threshold (not
/// differentiated) and decays clamped to [0, 1]:
///
///     e' = alpha e + I
///     h' = beta h - I
///     U' = tau (e' + h'),  tau = ln alpha / (ln beta - ln alpha) + 1
///     subtract  e' - R threshold, h' - R h', U' + R h
///     zero      (1 - R) e', (1 - R) h', (1 - R) U'
///     S = H(U' - threshold)
///
/// The membrane is not recursive. Inhibition works as in Leaky. In snnTorch learn_alpha fails; here
/// it learns alpha, through tau too. tau has no limit where alpha meets beta: a training that makes
/// them meet ends as diverged.
///
/// state_quant works as in Leaky, on every state.
///
/// State: "excitatory current", "inhibitory current", "membrane". Parameters (or buffers, if not
/// learned), 0-dim or (N): "alpha", "beta", "threshold"; the buffers "graded_spikes_factor" (1) and
/// "reset_mechanism_val" complete snnTorch's state_dict.
class AlphaImpl : public torch::nn::Cloneable<AlphaImpl>, public Neuron {
 public:
  explicit AlphaImpl(AlphaOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override {
    return {"excitatory current", "inhibitory current", "membrane"};
  }
  StepResult step(const torch::Tensor& current, const State& state) const override;

  AlphaOptions options;
  torch::Tensor alpha, beta, threshold;
};
TORCH_MODULE(Alpha);

inline Alpha make_neuron(const AlphaOptions& options, const Shape&, const Seeds&) {
  return Alpha(options);
}

}  // namespace snn
