#include "snn/network/neuron_trace.h"

#include <torch/torch.h>

#include <cstddef>

#include "network/layer_check.h"
#include "snn/network/neurons.h"

namespace snn {
namespace {

bool is_left_out(const std::string& state) {
  return state == "spikes" || state == "refractory" || state.starts_with("current ");
}

NeuronTrace trace_of(const Neuron& neuron, std::span<const float> currents) {
  const torch::InferenceMode inference;
  const torch::Tensor input = torch::empty({1, 1}, torch::kFloat);
  State state = neuron.initial_state({1, 1}, torch::kFloat);
  const std::vector<std::string> names = neuron.state_names();
  NeuronTrace trace;
  for (const std::string& name : names) {
    if (!is_left_out(name)) trace.states.push_back({name, {}});
  }
  // The membrane of neurons without a state is their current.
  if (names.empty()) trace.states.push_back({"membrane", {}});
  for (const float current : currents) {
    input.fill_(current);
    StepResult result = neuron.step(input, state);
    state = std::move(result.state);
    trace.output.push_back(result.spikes.item<double>());
    std::size_t shown = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (is_left_out(names[i])) continue;
      trace.states[shown++].values.push_back(state[i].item<double>());
    }
    if (names.empty()) trace.states[0].values.push_back(current);
    // A state that is the current itself would change with it.
    for (torch::Tensor& each : state) {
      if (each.is_same(input)) each = input.clone();
    }
  }
  return trace;
}

}  // namespace

NeuronTrace trace_neuron(const NeuronSpec& neuron, std::span<const float> currents,
                         std::uint64_t seed) {
  check_layer({LinearSpec{1}, neuron}, {1}, "neuron");
  return std::visit(
      [&](const auto& options) {
        const auto module = make_neuron(options, Shape{1}, Seeds{seed});
        return trace_of(*module, currents);
      },
      neuron);
}

}  // namespace snn
