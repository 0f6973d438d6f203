#include "snn/network/neurons/state_leaky.h"

#include <torch/torch.h>

#include <utility>

#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

StateLeakyImpl::StateLeakyImpl(StateLeakyOptions options_) : options(std::move(options_)) {
  reset();
}

void StateLeakyImpl::reset() {
  register_fields(*this, options, {&tau, &threshold, &graded_spikes_factor});
  register_buffer("beta", to_tensor(options.beta()));
  register_reset(*this, Reset::kSubtract);
}

void StateLeakyImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::StateLeaky(" << fields_text(options) << ")";
}

std::vector<std::string> StateLeakyImpl::state_names() const {
  std::vector<std::string> names;
  for (std::int64_t ago = options.kernel_truncation_steps() - 1; ago > 0; --ago) {
    names.push_back("current " + std::to_string(ago));
  }
  names.emplace_back("membrane");
  return names;
}

StepResult StateLeakyImpl::step(const Tensor& current, const State& state) const {
  const std::int64_t limit = options.kernel_truncation_steps();
  const auto remembered = static_cast<std::size_t>(limit > 0 ? limit - 1 : 0);
  expect_state(current, state, remembered + 1);
  const Tensor decay = torch::exp(-1 / tau);
  Tensor membrane = current;
  State next;
  if (limit == 0) {
    membrane = torch::addcmul(current, state[0], decay);
  } else if (remembered > 0) {
    Tensor sum = state[0];
    for (std::size_t i = 1; i < remembered; ++i) sum = torch::addcmul(state[i], sum, decay);
    membrane = torch::addcmul(current, sum, decay);
    next.assign(state.begin() + 1, state.end() - 1);
    next.push_back(current);
  }
  next.push_back(membrane);
  return {graded_spikes_factor * fire(membrane - threshold, options.surrogate()), std::move(next)};
}

}  // namespace snn
