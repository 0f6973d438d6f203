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

StepResult LeakyImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 1);
  const Tensor& previous = state[0];
  const Tensor decay = clamped(beta);
  const bool subtracts = options.reset() == Reset::kSubtract;
  const bool zeroes = options.reset() == Reset::kZero;
  Tensor fired;
  if (subtracts || zeroes) fired = was_above(previous, threshold);

  Tensor membrane = torch::addcmul(current, zeroes ? previous * (1 - fired) : previous, decay);
  if (subtracts) membrane = after_reset(membrane, fired, threshold, options.reset());

  Tensor spikes = fire(membrane - threshold, options.surrogate(), options.inhibition());
  const bool is_graded =
      options.learn_graded_spikes_factor() || options.graded_spikes_factor() != PerNeuron(1.0);
  if (is_graded && !options.inhibition()) spikes = spikes * graded_spikes_factor;
  if (!options.reset_delay() && (subtracts || zeroes)) {
    const Tensor excess = spikes / graded_spikes_factor - fired;
    membrane = after_reset(membrane, excess, threshold, options.reset());
  }
  return {spikes, {membrane}};
}

}  // namespace snn
