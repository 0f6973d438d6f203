#include "snn/network/neurons/adlif.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

AdlifImpl::AdlifImpl(AdlifOptions options_) : options(std::move(options_)) { reset(); }

void AdlifImpl::reset() {
  register_fields(*this, options, {&beta, &adaptation_decay, &a, &b, &threshold});
  adaptation_scale = register_buffer("adaptation_scale", to_tensor(options.adaptation_scale()));
}

void AdlifImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Adlif(" << fields_text(options) << ")";
}

std::vector<std::string> AdlifImpl::state_names() const {
  return Resting::names(options.refractory(), {"adaptation", "membrane"});
}

StepResult AdlifImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 2);
  const Tensor &adaptation = own[0], &previous = own[1];
  const Tensor decay = clamped(beta), slow = clamped(adaptation_decay);
  const Tensor reached = decay * previous + (1 - decay) * (current - adaptation);
  const Tensor spikes = fire(resting.awake(reached - threshold), options.surrogate());
  const Tensor membrane =
      resting.membrane(after_reset(reached, spikes.detach(), threshold, options.reset()), previous);
  const Tensor drive = a.clamp(0, 1) * membrane + b.clamp(0, 2) * spikes;
  return {spikes, resting.state(spikes, {slow * adaptation + (1 - slow) * adaptation_scale * drive,
                                         membrane})};
}

}  // namespace snn
