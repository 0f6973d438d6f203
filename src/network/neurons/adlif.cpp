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

StepResult AdlifImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 2);
  const Tensor& adaptation = state[0];
  const Tensor decay = clamped(beta), slow = clamped(adaptation_decay);
  const Tensor reached = decay * state[1] + (1 - decay) * (current - adaptation);
  const Tensor spikes = fire(reached - threshold, options.surrogate());
  const Tensor membrane = after_reset(reached, spikes.detach(), threshold, options.reset());
  const Tensor drive = a.clamp(0, 1) * membrane + b.clamp(0, 2) * spikes;
  return {spikes, {slow * adaptation + (1 - slow) * adaptation_scale * drive, membrane}};
}

}  // namespace snn
