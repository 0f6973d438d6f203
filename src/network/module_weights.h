#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "network/initial_tensor.h"

namespace snn {

/// Registers the weight (outputs,inputs) and bias (outputs) of a linear operation, uniform in
/// ±1/sqrt(inputs); without `has_bias` the bias is undefined.
template <class Module>
std::pair<torch::Tensor, torch::Tensor> register_linear(Module& module, std::int64_t outputs,
                                                        std::int64_t inputs, bool has_bias,
                                                        const Seeds& seeds) {
  const auto initial = [&](InitialTensor which, const std::vector<std::int64_t>& shape) {
    return initial_tensor(seeds, which, inputs, shape);
  };
  const torch::Tensor weight =
      module.register_parameter("weight", initial(InitialTensor::kWeight, {outputs, inputs}));
  if (!has_bias) return {weight, module.register_parameter("bias", {}, /*requires_grad=*/false)};
  return {weight, module.register_parameter("bias", initial(InitialTensor::kBias, {outputs}))};
}

/// Registers the tensor "delay", uniform in [0, 1]: a parameter if it is learned, else a buffer.
template <class Module>
torch::Tensor register_delays(Module& module, bool is_learned, const Seeds& seeds,
                              const std::vector<std::int64_t>& shape) {
  // Initial values for one input are uniform in [-1, 1].
  const torch::Tensor values = (initial_tensor(seeds, InitialTensor::kDelay, 1, shape) + 1) / 2;
  return is_learned ? module.register_parameter("delay", values)
                    : module.register_buffer("delay", values);
}

}  // namespace snn
