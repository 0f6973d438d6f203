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
  register_buffer("reset_mechanism_val",
                  torch::tensor(static_cast<std::int64_t>(options.reset()), torch::kLong));
}

void LeakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Leaky(" << fields_text(options) << ")";
}

State LeakyImpl::initial_state(torch::IntArrayRef shape,
                               const torch::TensorOptions& tensor_options) const {
  return {torch::zeros(shape, tensor_options)};
}

StepResult LeakyImpl::step(const Tensor& current, const State& state) const {
  TORCH_CHECK(state.size() == 1 && state[0].sizes() == current.sizes(),
              "Leaky expects a membrane of the current's shape ", current.sizes(), ", found ",
              state.empty() ? torch::IntArrayRef() : state[0].sizes());
  const Tensor& previous = state[0];
  const Range range = LeakyOptions::beta_range();
  const Tensor decay = beta.clamp(range.low, range.high);
  const bool subtracts = options.reset() == Reset::kSubtract;
  const bool zeroes = options.reset() == Reset::kZero;
  Tensor fired;
  if (subtracts || zeroes) fired = was_above(previous, threshold);

  Tensor membrane = torch::addcmul(current, zeroes ? previous * (1 - fired) : previous, decay);
  if (subtracts) membrane = torch::addcmul(membrane, fired, threshold, -1);

  Tensor spikes = fire(membrane - threshold, options.surrogate(), options.inhibition());
  const bool is_graded =
      options.learn_graded_spikes_factor() || options.graded_spikes_factor() != PerNeuron(1.0);
  if (is_graded && !options.inhibition()) spikes = spikes * graded_spikes_factor;
  if (!options.reset_delay() && (subtracts || zeroes)) {
    const Tensor excess = spikes / graded_spikes_factor - fired;
    membrane = torch::addcmul(membrane, excess, subtracts ? threshold : membrane, -1);
  }
  return {spikes, {membrane}};
}

}  // namespace snn
