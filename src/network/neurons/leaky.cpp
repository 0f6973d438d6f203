#include "snn/network/neurons/leaky.h"

#include <torch/torch.h>

#include <utility>

#include "snn/text/text.h"

namespace snn {
namespace {

using torch::Tensor;

// 0-dim for one value, (N) for N.
Tensor to_tensor(const PerNeuron& option) {
  const auto& values = option.values;
  const Tensor tensor = torch::tensor(values, torch::kDouble).to(torch::kFloat);
  return values.size() == 1 ? tensor.squeeze(0) : tensor;
}

std::string describe(const PerNeuron& option) {
  return option.values.size() == 1 ? format_real(option.values.front()) : "per neuron";
}

}  // namespace

LeakyImpl::LeakyImpl(LeakyOptions options_) : options(std::move(options_)) { reset(); }

void LeakyImpl::reset() {
  const auto add = [this](const char* name, const PerNeuron& value, bool learn) {
    return learn ? register_parameter(name, to_tensor(value))
                 : register_buffer(name, to_tensor(value));
  };
  beta = add("beta", options.beta(), options.learn_beta());
  threshold = add("threshold", options.threshold(), options.learn_threshold());
  graded_spikes_factor = add("graded_spikes_factor", options.graded_spikes_factor(),
                             options.learn_graded_spikes_factor());
  register_buffer("reset_mechanism_val",
                  torch::tensor(static_cast<std::int64_t>(options.reset()), torch::kLong));
}

void LeakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Leaky(beta=" << describe(options.beta())
         << ", threshold=" << describe(options.threshold())
         << ", reset=" << name_of(options.reset())
         << ", reset_delay=" << (options.reset_delay() ? "true" : "false")
         << ", surrogate=" << to_string(options.surrogate());
  if (options.graded_spikes_factor() != PerNeuron(1.0) || options.learn_graded_spikes_factor()) {
    stream << ", graded_spikes_factor=" << describe(options.graded_spikes_factor());
  }
  if (options.inhibition()) stream << ", inhibition";
  if (options.learn_beta()) stream << ", learn_beta";
  if (options.learn_threshold()) stream << ", learn_threshold";
  if (options.learn_graded_spikes_factor()) stream << ", learn_graded_spikes_factor";
  stream << ")";
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
  const Tensor decay = beta.clamp(0, 1);
  const bool subtracts = options.reset() == Reset::kSubtract;
  const bool zeroes = options.reset() == Reset::kZero;
  Tensor was_above;
  if (subtracts || zeroes) {
    was_above = previous.detach().gt(threshold.detach()).to(current.scalar_type());
  }

  Tensor membrane = torch::addcmul(current, zeroes ? previous * (1 - was_above) : previous, decay);
  if (subtracts) membrane = torch::addcmul(membrane, was_above, threshold, -1);

  const Tensor spikes = fire(membrane);
  if (!options.reset_delay() && (subtracts || zeroes)) {
    const Tensor excess = spikes / graded_spikes_factor - was_above;
    membrane = torch::addcmul(membrane, excess, subtracts ? threshold : membrane, -1);
  }
  return {spikes, {membrane}};
}

Tensor LeakyImpl::fire(const Tensor& membrane) const {
  const Tensor above = membrane - threshold;
  Tensor spikes = spike(above, options.surrogate());
  if (options.inhibition()) {
    TORCH_CHECK(membrane.dim() == 2, "inhibition expects (B,N), found ", membrane.sizes());
    const Tensor winner = above.detach().argmax(/*dim=*/1, /*keepdim=*/true);
    return spikes * torch::zeros_like(spikes).scatter_(1, winner, 1.0);
  }
  const bool is_graded =
      options.learn_graded_spikes_factor() || options.graded_spikes_factor() != PerNeuron(1.0);
  return is_graded ? spikes * graded_spikes_factor : spikes;
}

}  // namespace snn
