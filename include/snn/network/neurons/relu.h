#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>

#include <ostream>
#include <string>
#include <vector>

#include "snn/network/neuron.h"
#include "snn/network/neurons/relu_options.h"
#include "snn/network/seeds.h"
#include "snn/numeric/shape.h"

namespace snn {

/// Rectified linear units, the non-spiking baseline. They are stateless: at each step
///
///     S = max(0, I)
///
/// with the derivative 0 at I = 0, as PyTorch's relu. The membrane is the current I itself. There
/// are no parameters and no state.
class ReluImpl : public torch::nn::Cloneable<ReluImpl>, public Neuron {
 public:
  explicit ReluImpl(ReluOptions options = {});

  void reset() override {}
  void pretty_print(std::ostream& stream) const override;

  std::vector<std::string> state_names() const override { return {}; }
  StepResult step(const torch::Tensor& current, const State& state) const override;
  /// Computes all steps at once; a constant current is computed once.
  SequenceResult sequence(const Sequence& current, State state,
                          bool record_membrane) const override;
};
TORCH_MODULE(Relu);

inline Relu make_neuron(const ReluOptions& options, const Shape&, const Seeds&) {
  return Relu(options);
}

}  // namespace snn
