#include "snn/network/neurons/alpha.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

AlphaImpl::AlphaImpl(AlphaOptions options_) : options(std::move(options_)) { reset(); }

void AlphaImpl::reset() {
  register_fields(*this, options, {&alpha, &beta, &threshold});
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void AlphaImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Alpha(" << fields_text(options) << ")";
}

StepResult AlphaImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 3);
  const Tensor slow = clamped(alpha), fast = clamped(beta);
  const Tensor tau = slow.log() / (fast.log() - slow.log()) + 1;
  Tensor excitatory = torch::addcmul(current, state[0], slow);
  Tensor inhibitory = torch::addcmul(-current, state[1], fast);
  Tensor membrane = tau * (excitatory + inhibitory);
  if (options.reset() != Reset::kNone) {
    const Tensor fired = was_above(state[2], threshold);
    const bool subtracts = options.reset() == Reset::kSubtract;
    excitatory = after_reset(excitatory, fired, threshold, options.reset());
    inhibitory = after_reset(inhibitory, fired, threshold, Reset::kZero);
    membrane = torch::addcmul(membrane, fired, subtracts ? -state[1] : membrane, -1);
  }
  const StateQuant& quant = options.state_quant();
  membrane = quantized(membrane, quant);
  return {fire(membrane - threshold, options.surrogate(), options.inhibition()),
          {quantized(excitatory, quant), quantized(inhibitory, quant), membrane}};
}

}  // namespace snn
