#include "snn/network/neurons/rsynaptic.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

RsynapticImpl::RsynapticImpl(RsynapticOptions options_, std::int64_t neurons, Seeds seeds)
    : options(std::move(options_)), neurons_(neurons), seeds_(seeds) {
  reset();
}

void RsynapticImpl::reset() {
  register_fields(*this, options, {&alpha, &beta, &threshold, &v});
  if (options.recurrence() == Recurrence::kDense) {
    recurrent =
        register_module("recurrent", Recurrent(neurons_, options.learn_recurrent(), seeds_));
  }
  register_unit_spikes(*this);
  register_reset(*this, options.reset());
}

void RsynapticImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Rsynaptic(" << fields_text(options) << ")";
}

std::vector<std::string> RsynapticImpl::state_names() const {
  return Resting::names(options.refractory(), {"spikes", "synaptic current", "membrane"});
}

StepResult RsynapticImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 3);
  const Tensor decay = clamped(beta);
  const Tensor driven = current + recurrent_current(own[0], v, recurrent);
  const Tensor synaptic = torch::addcmul(driven, own[1], clamped(alpha));
  const Tensor reached = torch::addcmul(synaptic, own[2], decay);
  const auto [spikes, membrane] =
      fire_and_reset(reached, own[2], threshold, rule_of(options, decay), &resting);
  return {spikes,
          resting.state(spikes, {spikes, quantized(synaptic, options.state_quant()), membrane})};
}

}  // namespace snn
