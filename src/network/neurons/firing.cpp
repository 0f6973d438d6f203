#include "network/neurons/firing.h"

#include <torch/torch.h>

#include "snn/network/neurons/shared_fields.h"

namespace snn {

using torch::Tensor;

void expect_state(const Tensor& current, const State& state, std::size_t count) {
  TORCH_CHECK(state.size() == count, "expected ", count, " tensors of state, found ", state.size());
  for (const Tensor& each : state) {
    TORCH_CHECK(each.sizes() == current.sizes(), "expected a state of the current's shape ",
                current.sizes(), ", found ", each.sizes());
  }
}

Tensor clamped(const Tensor& decay) {
  const Range range = decay_range();
  return decay.clamp(range.low, range.high);
}

Tensor fire(const Tensor& above, const Surrogate& surrogate, bool inhibition) {
  const Tensor spikes = spike(above, surrogate);
  if (!inhibition) return spikes;
  TORCH_CHECK(above.dim() == 2, "inhibition expects (B,N), found ", above.sizes());
  const Tensor winner = above.detach().argmax(/*dim=*/1, /*keepdim=*/true);
  return spikes * torch::zeros_like(spikes).scatter_(1, winner, 1.0);
}

Tensor was_above(const Tensor& membrane, const Tensor& threshold) {
  return membrane.detach().gt(threshold.detach()).to(membrane.scalar_type());
}

Tensor after_reset(const Tensor& membrane, const Tensor& fired, const Tensor& threshold,
                   Reset reset) {
  if (reset == Reset::kNone) return membrane;
  return torch::addcmul(membrane, fired, reset == Reset::kZero ? membrane : threshold, -1);
}

Resting::Resting(std::int64_t steps, const Tensor& current, State& state, std::size_t count)
    : steps_(static_cast<double>(steps)) {
  expect_state(current, state, count + (steps > 0 ? 1 : 0));
  if (steps == 0) return;
  left_ = state[0];
  state.erase(state.begin());
  is_awake_ = left_.lt(2);
}

std::vector<std::string> Resting::names(std::int64_t steps, std::vector<std::string> others) {
  if (steps > 0) others.insert(others.begin(), "refractory");
  return others;
}

Tensor Resting::resets(Tensor fired) const {
  if (steps_ == 0) return fired;
  return fired * left_.eq(0).logical_or(left_.eq(steps_ + 1));
}

Tensor Resting::awake(const Tensor& above) const {
  // Any number that is not above 0 and loses against others where only one may fire.
  return steps_ == 0 ? above : above.masked_fill(is_awake_.logical_not(), -1e30);
}

Tensor Resting::membrane(const Tensor& reached, const Tensor& held) const {
  return steps_ == 0 ? reached : torch::where(is_awake_, reached, held);
}

State Resting::state(const Tensor& spikes, State others) const {
  if (steps_ == 0) return others;
  const Tensor left = torch::where(spikes.detach().ne(0), torch::full_like(left_, steps_ + 1),
                                   (left_ - 1).clamp_min(0));
  others.insert(others.begin(), left);
  return others;
}

Firing fire_and_reset(const Tensor& reached, const Tensor& previous, const Tensor& threshold,
                      const FiringRule& rule, const Resting* resting) {
  Tensor fired = rule.reset == Reset::kNone ? Tensor() : was_above(previous, threshold);
  if (resting != nullptr && fired.defined()) fired = resting->resets(fired);
  const bool decays = rule.reset == Reset::kSubtractBeta;
  Tensor membrane =
      after_reset(reached, fired, decays ? rule.decay * threshold : threshold, rule.reset);
  membrane = quantized(membrane, rule.state_quant);
  const Tensor above = membrane - threshold;
  const Tensor spikes =
      fire(resting == nullptr ? above : resting->awake(above), rule.surrogate, rule.inhibition);
  if (!rule.reset_delay && rule.reset != Reset::kNone) {
    membrane = after_reset(membrane, spikes - fired, threshold, rule.reset);
  }
  if (resting != nullptr && *resting) {
    // With delay the first step of rest is that of the reset.
    const bool is_reset = rule.reset_delay && fired.defined();
    membrane = resting->membrane(
        membrane, is_reset ? after_reset(previous, fired, threshold, rule.reset) : previous);
  }
  return {spikes, membrane};
}

void register_reset(torch::nn::Module& module, Reset reset) {
  module.register_buffer("reset_mechanism_val",
                         torch::tensor(static_cast<std::int64_t>(reset), torch::kLong));
}

void register_unit_spikes(torch::nn::Module& module) {
  module.register_buffer("graded_spikes_factor", torch::ones({}));
}

}  // namespace snn
