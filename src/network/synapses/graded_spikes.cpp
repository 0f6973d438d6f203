#include "snn/network/synapses/graded_spikes.h"

#include <torch/torch.h>

#include "network/initial_tensor.h"
#include "network/module_fields.h"

namespace snn {

using torch::Tensor;

GradedSpikesImpl::GradedSpikesImpl(GradedSpikesSpec spec_, std::int64_t inputs_, Seeds seeds)
    : spec(spec_), inputs(inputs_), seeds_(seeds) {
  reset();
}

void GradedSpikesImpl::reset() {
  // Initial values for one input are uniform in [-1, 1].
  const Tensor initial = spec.factor == 0
                             ? initial_tensor(seeds_, InitialTensor::kFactor, 1, {inputs}) / 2 + 1
                             : torch::full({inputs}, spec.factor, torch::kFloat);
  weights = spec.learn_factor ? register_parameter("weights", initial)
                              : register_buffer("weights", initial);
}

void GradedSpikesImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::GradedSpikes(inputs=" << inputs << ", " << fields_text(spec) << ")";
}

Sequence GradedSpikesImpl::forward(const Sequence& input, const Pass&) {
  const Tensor& x = input.values();
  const std::int64_t leading = input.is_constant() ? 1 : 2;
  return input.with_values((x.flatten(leading) * weights).view_as(x));
}

}  // namespace snn
