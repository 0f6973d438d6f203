#include "snn/network/neurons/leaky.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

LeakyImpl::LeakyImpl(LeakyOptions options_) : options(std::move(options_)) { reset(); }

void LeakyImpl::reset() {
  register_fields(*this, options, {&beta, &threshold, &graded_spikes_factor});
  register_reset(*this, options.reset());
}

void LeakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Leaky(" << fields_text(options) << ")";
}

std::vector<std::string> LeakyImpl::state_names() const {
  return Resting::names(options.refractory(), {"membrane"});
}

StepResult LeakyImpl::step(const Tensor& current, const State& state) const {
  State own = state;
  const Resting resting(options.refractory(), current, own, 1);
  const Tensor& previous = own[0];
  const Tensor decay = clamped(beta);
  const Reset reset = options.reset();
  Tensor fired, held = previous;
  if (reset != Reset::kNone) fired = resting.resets(was_above(previous, threshold));
  if (resting && fired.defined() && options.reset_delay()) {
    held = after_reset(previous, fired, threshold, reset);  // the first step of rest is its reset
  }

  Tensor kept = previous;
  if (reset == Reset::kZero) kept = previous * (1 - fired);
  if (reset == Reset::kSubtractBeta) kept = after_reset(previous, fired, threshold, reset);
  Tensor membrane = torch::addcmul(current, kept, decay);
  if (reset == Reset::kSubtract) membrane = after_reset(membrane, fired, threshold, reset);
  membrane = quantized(membrane, options.state_quant());

  Tensor spikes =
      fire(resting.awake(membrane - threshold), options.surrogate(), options.inhibition());
  const bool is_graded =
      options.learn_graded_spikes_factor() || options.graded_spikes_factor() != PerNeuron(1.0);
  if (is_graded && !options.inhibition()) spikes = spikes * graded_spikes_factor;
  if (!options.reset_delay() && reset != Reset::kNone) {
    const Tensor excess = spikes / graded_spikes_factor - fired;
    membrane = after_reset(membrane, excess, threshold, reset);
  }
  return {spikes, resting.state(spikes, {resting.membrane(membrane, held)})};
}

}  // namespace snn
