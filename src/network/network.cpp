#include "snn/network/network.h"

#include <torch/torch.h>

#include <string>
#include <type_traits>
#include <utility>

#include "network/initial_values.h"
#include "snn/network/neurons/leaky.h"
#include "snn/network/neurons/relu.h"

namespace snn {
namespace {

using torch::Tensor;

void initialize(torch::nn::LinearImpl& linear, std::uint64_t seed, std::size_t layer) {
  const torch::NoGradGuard no_grad;
  const auto fill = [&](Tensor& tensor, InitialTensor which) {
    auto values = initial_values(seed, layer, which, linear.options.in_features(),
                                 static_cast<std::size_t>(tensor.numel()));
    tensor.copy_(torch::from_blob(values.data(), tensor.sizes()));
  };
  fill(linear.weight, InitialTensor::kWeight);
  if (linear.bias.defined()) fill(linear.bias, InitialTensor::kBias);
}

}  // namespace

NetworkImpl::NetworkImpl(NetworkSpec spec_, std::uint64_t seed)
    : spec(std::move(spec_)), seed_(seed) {
  check(spec);
  reset();
}

void NetworkImpl::reset() {
  layers_.clear();
  for (std::size_t index = 0; index < spec.layers.size(); ++index) {
    const std::string number = std::to_string(index + 1);
    Layer layer;
    const auto add_synapse = [&](const LinearSpec& linear) {
      auto module = register_module(
          "fc" + number,
          torch::nn::Linear(torch::nn::LinearOptions(layer_inputs(spec, index), linear.outputs)
                                .bias(linear.bias)));
      initialize(*module, seed_, index);
      layer.synapse = torch::nn::AnyModule(module);
    };
    const auto add_neuron = [&](auto neuron) {
      layer.neuron = register_module(neuron_name(spec, index), neuron);
    };
    std::visit(add_synapse, spec.layers[index].synapse);
    if (const auto* leaky = std::get_if<LeakyOptions>(&spec.layers[index].neuron)) {
      add_neuron(Leaky(*leaky));
    } else {
      add_neuron(Relu(std::get<ReluOptions>(spec.layers[index].neuron)));
    }
    layers_.push_back(std::move(layer));
  }
}

void NetworkImpl::pretty_print(std::ostream& stream) const {
  stream << "snn::Network(" << describe(spec) << ")";
}

NetworkOutput NetworkImpl::forward(const Sequence& input, const Pass&, bool record_layers) const {
  const std::int64_t leading = input.is_constant() ? 1 : 2;
  Sequence signal = input.with_values(input.values().flatten(leading));
  NetworkOutput output;
  for (Layer& layer : layers_) {
    const bool is_last = &layer == &layers_.back();
    const Sequence current = signal.with_values(layer.synapse.forward<Tensor>(signal.values()));
    const Tensor& first = current.at(0);
    SequenceResult result =
        layer.neuron->sequence(current, layer.neuron->initial_state(first.sizes(), first.options()),
                               is_last || record_layers);
    output.layer_spikes.push_back(result.spikes);
    if (record_layers) {
      output.layer_currents.push_back(current.at_all_steps());
      output.layer_membranes.push_back(result.membrane);
    }
    const bool is_timeless = current.is_constant() && layer.neuron->state_names().empty();
    if (is_last) {
      // Rectified, all classes that are unlikely would tie.
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

NetworkOutput NetworkImpl::forward(const Tensor& input, std::int64_t steps) const {
  return forward(Sequence::constant(input, steps));
}

}  // namespace snn
