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
  return torch::addcmul(membrane, fired, reset == Reset::kSubtract ? threshold : membrane, -1);
}

Firing fire_and_reset(const Tensor& reached, const Tensor& previous, const Tensor& threshold,
                      const FiringRule& rule) {
  const Tensor fired = rule.reset == Reset::kNone ? Tensor() : was_above(previous, threshold);
  Tensor membrane = after_reset(reached, fired, threshold, rule.reset);
  const Tensor spikes = fire(membrane - threshold, rule.surrogate, rule.inhibition);
  if (!rule.reset_delay && rule.reset != Reset::kNone) {
    membrane = after_reset(membrane, spikes - fired, threshold, rule.reset);
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
