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

StepResult RsynapticImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 3);
  const Tensor driven = current + recurrent_current(state[0], v, recurrent);
  const Tensor synaptic = torch::addcmul(driven, state[1], clamped(alpha));
  const Tensor reached = torch::addcmul(synaptic, state[2], clamped(beta));
  const auto [spikes, membrane] = fire_and_reset(
      reached, state[2], threshold,
      {options.reset(), options.reset_delay(), options.surrogate(), options.inhibition()});
  return {spikes, {spikes, synaptic, membrane}};
}

}  // namespace snn
