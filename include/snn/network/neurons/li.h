#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/li_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Leaky integrators without threshold, spikes or reset, for readouts: U' = clamp(beta, 0, 1) U +
/// I. The output is the membrane.
///
/// State: "membrane". Parameter (or buffer, if not learned), 0-dim or (N): "beta".
class LiImpl : public torch::nn::Cloneable<LiImpl>, public Neuron {
 public:
  explicit LiImpl(LiOptions options = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override { return {"membrane"}; }
  StepResult step(const torch::Tensor& current, const State& state) const override;

  LiOptions options;
  torch::Tensor beta;
};
TORCH_MODULE(Li);

inline Li make_neuron(const LiOptions& options, const Shape&, const Seeds&) { return Li(options); }

}  // namespace snn
