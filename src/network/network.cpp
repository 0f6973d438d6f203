#include "snn/network/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <string>
#include <utility>

#include "snn/network/neurons.h"
#include "snn/network/synapses.h"

namespace snn {

using torch::Tensor;

namespace {

// Runs the neurons from rest; at the end of each window of `window` steps the state is detached.
SequenceResult run(const Neuron& neuron, const Sequence& current, std::int64_t window,
                   bool record_membrane) {
  const Tensor& first = current.at(0);
  State state = neuron.initial_state(first.sizes(), first.options());
  if (window <= 0 || window >= current.steps() || state.empty()) {
    return neuron.sequence(current, std::move(state), record_membrane);
  }
  std::vector<Tensor> spikes, membranes;
  for (std::int64_t begin = 0; begin < current.steps(); begin += window) {
    const std::int64_t end = std::min(begin + window, current.steps());
    for (Tensor& each : state) each = each.detach();
    SequenceResult part =
        neuron.sequence(current.part(begin, end), std::move(state), record_membrane);
    spikes.push_back(std::move(part.spikes));
    membranes.push_back(std::move(part.membrane));
    state = std::move(part.state);
  }
  return {torch::cat(spikes), record_membrane ? torch::cat(membranes) : Tensor(), std::move(state)};
}

}  // namespace

NetworkImpl::NetworkImpl(NetworkSpec spec_, std::uint64_t seed)
    : spec(std::move(spec_)), seed_(seed) {
  check(spec);
  reset();
}

void NetworkImpl::reset() {
  layers_.clear();
  Shape shape = spec.sample_shape;
  for (std::size_t index = 0; index < spec.layers.size(); ++index) {
    const LayerSpec& layer_spec = spec.layers[index];
    const auto layer_number = static_cast<std::uint32_t>(index);
    std::uint32_t learning = 0;  // operations so far that learn
    Layer layer;
    for (std::size_t i = 0; i < layer_spec.synapse.size(); ++i) {
      const auto add = [&](const auto& operation) {
        const bool learns = operation.parameter_count(shape) > 0;
        const Seeds seeds{seed_, layer_number, learns ? learning++ : static_cast<std::uint32_t>(i)};
        layer.synapse.push_back(register_module(synapse_name(spec, index, i),
                                                make_synapse(operation, shape, seeds).ptr()));
      };
      std::visit(add, layer_spec.synapse[i]);
      shape = output_shape(layer_spec.synapse[i], shape);
    }
    const auto add = [&](const auto& neuron) {
      const Seeds seeds{seed_, layer_number, learning};
      layer.neuron =
          register_module(neuron_name(spec, index), make_neuron(neuron, shape, seeds).ptr());
    };
    std::visit(add, layer_spec.neuron);
    layers_.push_back(std::move(layer));
  }
}

void NetworkImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Network(" << summary_of(spec) << ")";
}

bool NetworkImpl::needs_whole_batch() const {
  return std::ranges::any_of(layers_, [](const Layer& layer) {
    return std::ranges::any_of(
        layer.synapse, [](const auto& operation) { return operation->needs_whole_batch(); });
  });
}

NetworkOutput NetworkImpl::forward(const Sequence& input, const Pass& pass, bool record_layers) {
  Sequence signal = input;
  NetworkOutput output;
  for (Layer& layer : layers_) {
    const bool is_last = &layer == &layers_.back();
    Sequence current = std::move(signal);
    for (const auto& operation : layer.synapse) current = operation->forward(current, pass);
    const SequenceResult result =
        run(*layer.neuron, current, pass.window, is_last || record_layers);
    output.layer_spikes.push_back(result.spikes);
    if (record_layers) {
      output.layer_currents.push_back(current.at_all_steps());
      output.layer_membranes.push_back(result.membrane);
    }
    const bool is_timeless = current.is_constant() && layer.neuron->state_names().empty();
    if (is_last) {
      // Rectified outputs would be 0 for all unlikely classes, which would tie.
      output.spikes = has_spikes(spec.layers.back().neuron) ? result.spikes : result.membrane;
      output.membrane = result.membrane;
    } else if (is_timeless) {
      signal = Sequence::constant(result.spikes[0], current.steps());
    } else {
      signal = Sequence::varying(result.spikes);
    }
  }
  return output;
}

NetworkOutput NetworkImpl::forward(const Tensor& input, std::int64_t steps, const Pass& pass) {
  return forward(Sequence::constant(input, steps), pass);
}

}  // namespace snn
