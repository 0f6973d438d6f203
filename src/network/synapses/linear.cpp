#include "snn/network/synapses/linear.h"

#include <torch/torch.h>

#include <tuple>

#include "network/module_fields.h"
#include "network/module_weights.h"

namespace snn {

using torch::Tensor;

LinearImpl::LinearImpl(LinearSpec spec_, std::int64_t inputs_, Seeds seeds)
    : spec(spec_), inputs(inputs_), seeds_(seeds) {
  reset();
}

void LinearImpl::reset() {
  std::tie(weight, bias) = register_linear(*this, spec.outputs, inputs, spec.bias, seeds_);
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
