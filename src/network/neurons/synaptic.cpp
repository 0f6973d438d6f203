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

std::vector<std::string> SynapticImpl::state_names() const {
  return Resting::names(options.refractory(), {"synaptic current", "membrane"});
}

StepResult SynapticImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 2);
  const Tensor decay = clamped(beta);
  const Tensor synaptic = torch::addcmul(current, own[0], clamped(alpha));
  const Tensor reached = torch::addcmul(synaptic, own[1], decay);
  const auto [spikes, membrane] =
      fire_and_reset(reached, own[1], threshold, rule_of(options, decay), &resting);
  return {spikes, resting.state(spikes, {quantized(synaptic, options.state_quant()), membrane})};
}

}  // namespace snn
