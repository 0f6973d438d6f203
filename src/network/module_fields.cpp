#include "network/module_fields.h"

#include <torch/torch.h>

namespace snn {

torch::Tensor to_tensor(const PerNeuron& values) {
  const torch::Tensor tensor = torch::tensor(values.values, torch::kDouble).to(torch::kFloat);
  return values.values.size() == 1 ? tensor.squeeze(0) : tensor;
}

}  // namespace snn
