#include "snn/neurons/relu.h"

#include <torch/torch.h>

#include <utility>

namespace snn {

using torch::Tensor;

ReluImpl::ReluImpl(ReluOptions) {}

void ReluImpl::pretty_print(std::ostream& stream) const { stream << "snn::Relu()"; }

State ReluImpl::initial_state(torch::IntArrayRef, const torch::TensorOptions&) const { return {}; }

StepResult ReluImpl::step(const Tensor& current, const State& state) const {
  TORCH_CHECK(state.empty(), "Relu has no state, found ", state.size(), " tensors of one");
  return {torch::relu(current), {}};
}

SequenceResult ReluImpl::sequence(const Sequence& current, State state,
                                  bool record_membrane) const {
  const auto at_all_steps = [&](const Tensor& values) {
    if (!current.is_constant()) return values;
    std::vector<std::int64_t> shape = values.sizes().vec();
    shape.insert(shape.begin(), current.steps());
    return values.expand(shape);
  };
  const Tensor& membrane = current.values();
  StepResult result = step(membrane, std::move(state));
  return {at_all_steps(result.spikes), record_membrane ? at_all_steps(membrane) : Tensor(),
          std::move(result.state)};
}

}  // namespace snn
