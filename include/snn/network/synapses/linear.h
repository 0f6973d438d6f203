#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <ostream>

#include "snn/network/synapse.h"
#include "snn/network/synapses/linear_spec.h"

namespace snn {

/// A fully connected synapse, as PyTorch's Linear: current = x W^T + b of the flattened input x.
/// Parameters: "weight" (outputs,inputs) and, with bias, "bias" (outputs), initially uniform in
/// ±1/sqrt(inputs), a function of seed, layer and position alone.
class LinearImpl : public torch::nn::Cloneable<LinearImpl>, public Synapse {
 public:
  LinearImpl(LinearSpec spec, std::int64_t inputs, Seeds seeds = {});

  void reset() override;
  void pretty_print(std::ostream& stream) const override;
  Sequence forward(const Sequence& input, const Pass& pass) override;

  LinearSpec spec;
  std::int64_t inputs;
  torch::Tensor weight, bias;

 private:
  Seeds seeds_;
};
TORCH_MODULE(Linear);

inline Linear make_synapse(const LinearSpec& spec, const Shape& input, const Seeds& seeds) {
  return Linear(spec, element_count(input), seeds);
}

}  // namespace snn
