#include "snn/network/synapses/delay.h"

#include <torch/torch.h>

#include "network/module_fields.h"
#include "network/module_weights.h"

namespace snn {

using torch::Tensor;

Tensor delays_in_steps(const Tensor& delay, std::int64_t max_delay, const Pass& pass) {
  // The gradient passes a value outside the range, so that it can come back.
  const Tensor excess = (delay - delay.clamp(0, 1)).detach();
  const Tensor steps = (delay - excess) * static_cast<double>(max_delay);
  return pass.is_training ? steps : steps.round();
}

DelayImpl::DelayImpl(DelaySpec spec_, std::int64_t inputs_, Seeds seeds)
    : spec(spec_), inputs(inputs_), seeds_(seeds) {
  reset();
}

void DelayImpl::reset() { delay = register_delays(*this, spec.learn_delay, seeds_, {inputs}); }

void DelayImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Delay(inputs=" << inputs << ", " << fields_text(spec) << ")";
}

Sequence DelayImpl::forward(const Sequence& input, const Pass& pass) {
  const Tensor x = input.at_all_steps().flatten(2);
  const std::int64_t steps = x.size(0);
  const Tensor d = delays_in_steps(delay, spec.max_delay, pass);
  const Tensor whole = d.detach().floor();
  // `before` steps of silence precede the first; the longest delay looks one step further back.
  const std::int64_t before = spec.max_delay + 1;
  const Tensor padded = torch::constant_pad_nd(x, {0, 0, 0, 0, before, 0});
  const Tensor times = torch::arange(steps, whole.options()).unsqueeze(1) + before - whole;
  const Tensor at = times.to(torch::kLong).unsqueeze(1).expand_as(x);
  Tensor y = padded.gather(0, at);
  if (pass.is_training) y = y + (d - whole) * (padded.gather(0, at - 1) - y);
  return Sequence::varying(y.view_as(input.at_all_steps()));
}

}  // namespace snn
