#include "snn/network/neurons/leaky_parallel.h"

#include <torch/torch.h>

#include <utility>

#include "network/initial_tensor.h"
#include "network/module_fields.h"
#include "network/neurons/firing.h"

namespace snn {

using torch::Tensor;

LeakyParallelImpl::LeakyParallelImpl(LeakyParallelOptions options_, std::int64_t neurons,
                                     Seeds seeds)
    : options(std::move(options_)), neurons_(neurons), seeds_(seeds) {
  reset();
}

void LeakyParallelImpl::reset() {
  register_fields(*this, options, {&beta, &threshold, &graded_spikes_factor});
  if (options.recurrent_bias()) {
    bias_hh = register_parameter(
        "bias_hh", initial_tensor(seeds_, InitialTensor::kBias, neurons_, {neurons_}));
  }
}

void LeakyParallelImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::LeakyParallel(" << fields_text(options) << ")";
}

StepResult LeakyParallelImpl::step(const Tensor& current, const State& state) const {
  expect_state(current, state, 1);
  const Tensor biased = options.recurrent_bias() ? current + bias_hh : current;
  const Tensor membrane = torch::relu(torch::addcmul(biased, state[0], beta));
  return {graded_spikes_factor * fire(membrane - threshold, options.surrogate()), {membrane}};
}

}  // namespace snn
