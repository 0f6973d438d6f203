#include "snn/network/neurons/relu.h"

#include <torch/torch.h>

#include <utility>

namespace snn {

using torch::Tensor;

ReluImpl::ReluImpl(ReluOptions) {}

void ReluImpl::pretty_print(std::ostream& stream) const { stream << "snn::Relu()"; }

StepResult ReluImpl::step(const Tensor& current, const State& state) const {
  TORCH_CHECK(state.empty(), "Relu has no state, found ", state.size(), " state tensors");
  return {torch::relu(current), {}};
}

SequenceResult ReluImpl::sequence(const Sequence& current, State state,
                                  bool record_membrane) const {
  StepResult result = step(current.values(), std::move(state));
  return {current.with_values(result.spikes).at_all_steps(),
          record_membrane ? current.at_all_steps() : Tensor(), std::move(result.state)};
}

}  // namespace snn
