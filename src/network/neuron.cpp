#include "snn/network/neuron.h"

#include <torch/torch.h>

namespace snn {

State Neuron::initial_state(torch::IntArrayRef shape, const torch::TensorOptions& options) const {
  State state;
  for (std::size_t i = 0; i < state_names().size(); ++i) {
    state.push_back(torch::zeros(shape, options));
  }
  return state;
}

SequenceResult Neuron::sequence(const Sequence& current, State state, bool record_membrane) const {
  std::vector<torch::Tensor> spikes, membranes;
  for (std::int64_t t = 0; t < current.steps(); ++t) {
    StepResult result = step(current.at(t), state);
    spikes.push_back(std::move(result.spikes));
    state = std::move(result.state);
    if (record_membrane) membranes.push_back(state.back());
  }
  return {torch::stack(spikes), record_membrane ? torch::stack(membranes) : torch::Tensor(),
          std::move(state)};
}

}  // namespace snn
