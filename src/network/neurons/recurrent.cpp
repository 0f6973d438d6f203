#include "snn/network/neurons/recurrent.h"

#include <torch/torch.h>

#include <vector>

#include "network/initial_tensor.h"

namespace snn {

using torch::Tensor;

RecurrentImpl::RecurrentImpl(std::int64_t neurons, bool is_learned, Seeds seeds)
    : neurons_(neurons), is_learned_(is_learned), seeds_(seeds) {
  reset();
}

void RecurrentImpl::reset() {
  const auto add = [&](const char* name, InitialTensor which,
                       const std::vector<std::int64_t>& shape) {
    const Tensor values = initial_tensor(seeds_, which, neurons_, shape);
    return is_learned_ ? register_parameter(name, values) : register_buffer(name, values);
  };
  weight = add("weight", InitialTensor::kWeight, {neurons_, neurons_});
  bias = add("bias", InitialTensor::kBias, {neurons_});
}

Tensor RecurrentImpl::forward(const Tensor& spikes) const {
  return torch::nn::functional::linear(spikes.flatten(1), weight, bias).view_as(spikes);
}

}  // namespace snn
