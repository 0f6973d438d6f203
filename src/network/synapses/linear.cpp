#include "snn/network/synapses/linear.h"

#include <torch/torch.h>

#include <utility>
#include <vector>

#include "network/initial_tensor.h"
#include "network/module_fields.h"

namespace snn {

using torch::Tensor;

LinearImpl::LinearImpl(LinearSpec spec_, std::int64_t inputs_, Seeds seeds)
    : spec(spec_), inputs(inputs_), seeds_(seeds) {
  reset();
}

void LinearImpl::reset() {
  const auto initial = [&](InitialTensor which, const std::vector<std::int64_t>& shape) {
    return initial_tensor(seeds_, which, inputs, shape);
  };
  weight = register_parameter("weight", initial(InitialTensor::kWeight, {spec.outputs, inputs}));
  bias = spec.bias ? register_parameter("bias", initial(InitialTensor::kBias, {spec.outputs}))
                   : register_parameter("bias", {}, /*requires_grad=*/false);
}

void LinearImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Linear(inputs=" << inputs << ", " << fields_text(spec) << ")";
}

Sequence LinearImpl::forward(const Sequence& input, const Pass&) {
  const std::int64_t leading = input.is_constant() ? 1 : 2;
  // torch::linear would add in a different order for three dimensions.
  return input.with_values(
      torch::nn::functional::linear(input.values().flatten(leading), weight, bias));
}

}  // namespace snn
