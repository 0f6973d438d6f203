#include "snn/network/neurons/delta_leaky.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

DeltaLeakyImpl::DeltaLeakyImpl(DeltaLeakyOptions options_) : options(std::move(options_)) {
  reset();
}

void DeltaLeakyImpl::reset() {
  register_fields(*this, options, {&beta});
  register_buffer("threshold", torch::ones({}));
  register_unit_spikes(*this);
  register_reset(*this, Reset::kSubtract);
}

void DeltaLeakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::DeltaLeaky(" << fields_text(options) << ")";
}

StepResult DeltaLeakyImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 1);
  const Tensor& previous = state[0];
  const Tensor membrane = torch::addcmul(current, previous, beta);
  // snnTorch's state_dict does not have it.
  const Tensor threshold = to_tensor(options.delta_threshold()).to(membrane.options());
  return {fire((membrane - previous).abs() - threshold, options.surrogate()), {membrane}};
}

}  // namespace snn
