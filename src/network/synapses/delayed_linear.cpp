#include "snn/network/synapses/delayed_linear.h"

#include <torch/torch.h>

#include <tuple>

#include "network/module_fields.h"
#include "network/module_weights.h"
#include "snn/network/synapses/delay.h"

namespace snn {

using torch::Tensor;

DelayedLinearImpl::DelayedLinearImpl(DelayedLinearSpec spec_, std::int64_t inputs_, Seeds seeds)
    : spec(spec_), inputs(inputs_), seeds_(seeds) {
  reset();
}

void DelayedLinearImpl::reset() {
  std::tie(weight, bias) = register_linear(*this, spec.outputs, inputs, spec.bias, seeds_);
  delay = register_delays(*this, spec.learn_delay, seeds_, {spec.outputs, inputs});
}

void DelayedLinearImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::DelayedLinear(inputs=" << inputs << ", " << fields_text(spec) << ")";
}

Sequence DelayedLinearImpl::forward(const Sequence& input, const Pass& pass) {
  const Tensor x = input.at_all_steps().flatten(2).permute({1, 2, 0});  // (B,inputs,T)
  const Tensor d = delays_in_steps(delay, spec.max_delay, pass);
  // A convolution's kernel runs forward in time: its last tap has no delay.
  const Tensor taps = torch::arange(spec.max_delay, -1, -1, d.options());
  const Tensor kernel = weight.unsqueeze(2) * (1 - (taps - d.unsqueeze(2)).abs()).clamp_min(0);
  const Tensor padded = torch::constant_pad_nd(x, {spec.max_delay, 0});
  return Sequence::varying(torch::conv1d(padded, kernel, bias).permute({2, 0, 1}));
}

}  // namespace snn
