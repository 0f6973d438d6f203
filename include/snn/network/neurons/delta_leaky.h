#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/delta_leaky_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Neurons that spike when their membrane changes, exactly as snnTorch's DeltaLeaky:
///
///     U' = beta U + I
///     S  = H(|U' - U| - delta_threshold)
///
/// There is no reset, and beta is not clamped.
///
/// State: "membrane". Parameter (or buffer, if not learned), 0-dim or (N): "beta". The buffers
/// "threshold" (1), "graded_spikes_factor" (1) and "reset_mechanism_val" (0) have no effect; they
/// complete snnTorch's state_dict.
class DeltaLeakyImpl : public torch::nn::Cloneable<DeltaLeakyImpl>, public Neuron {
 public:
  explicit DeltaLeakyImpl(DeltaLeakyOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override { return {"membrane"}; }
  StepResult step(const torch::Tensor& current, const State& state) const override;

  DeltaLeakyOptions options;
  torch::Tensor beta;
};
TORCH_MODULE(DeltaLeaky);

inline DeltaLeaky make_neuron(const DeltaLeakyOptions& options, const Shape&, const Seeds&) {
  return DeltaLeaky(options);
}

}  // namespace snn
