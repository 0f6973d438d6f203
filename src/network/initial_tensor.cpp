#include "network/initial_tensor.h"

#include <torch/torch.h>

namespace snn {

torch::Tensor initial_tensor(const Seeds& seeds, InitialTensor tensor, std::int64_t inputs,
                             const std::vector<std::int64_t>& shape) {
  torch::Tensor result = torch::empty(shape);
  auto values = initial_values(seeds, tensor, inputs, static_cast<std::size_t>(result.numel()));
  result.copy_(torch::from_blob(values.data(), shape));
  return result;
}

}  // namespace snn
