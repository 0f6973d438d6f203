#include "snn/network/neurons/synaptic.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

SynapticImpl::SynapticImpl(SynapticOptions options_) : options(std::move(options_)) { reset(); }

void SynapticImpl::reset() {
  register_fields(*this, options, {&alpha, &beta, &threshold});
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void SynapticImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Synaptic(" << fields_text(options) << ")";
}

StepResult SynapticImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 2);
  const Tensor synaptic = torch::addcmul(current, state[0], clamped(alpha));
  const Tensor reached = torch::addcmul(synaptic, state[1], clamped(beta));
  const auto [spikes, membrane] = fire_and_reset(
      reached, state[1], threshold,
      {options.reset(), options.reset_delay(), options.surrogate(), options.inhibition()});
  return {spikes, {synaptic, membrane}};
}

}  // namespace snn
