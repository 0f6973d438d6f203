#include <algorithm>
#include <variant>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"

namespace snn::fused {

using kernels::kBlock;
using kernels::kStepsPerWord;

FusedNetwork::FusedNetwork(const NetworkSpec& spec, const kernels::Kernels& kernels,
                           Executor& executor)
    : spec_(spec), kernels_(kernels), executor_(executor) {
  build_layers();
  pieces_of_values_ = build_pieces(kPixelsInPiece);
  pieces_of_spikes_ = build_pieces(SpikeInput::piece_size(layers_[0].synapses.inputs));
}

void FusedNetwork::build_layers() {
  for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
    const std::vector<SynapseSpec>& chain = spec_.layers[i].synapse;
    const auto& linear = std::get<LinearSpec>(chain.back());
    Layer layer;
    layer.linear = chain.size() - 1;
    if (layer.linear > 0) layer.dropout = std::get<DropoutSpec>(chain.front());
    layer.neurons = kernels::neuron_model(spec_.layers[i].neuron);
    layer.outputs = linear.outputs;
    layer.padded = kernels::padded(layer.outputs);
    layer.blocks = pieces_of(layer.padded, kBlock);
    layer.synapses.inputs = i == 0 ? element_count(spec_.sample_shape) : layers_[i - 1].outputs;
    layer.synapses.has_bias = linear.bias;
    add_weights(layer, layer.synapses, /*is_transposed=*/i > 0);
    if (layer.neurons.is_recurrent) {
      layer.recurrent.inputs = layer.outputs;
      layer.recurrent.has_bias = true;
      layer.recurrent.is_learned = layer.neurons.learns_recurrence;
      add_weights(layer, layer.recurrent, /*is_transposed=*/true);
    }
    std::visit([&](const auto& options) { add_parameters(layer, options); },
               spec_.layers[i].neuron);
    if (layer.neurons.drawn_bias) {
      add_parameter(layer, *layer.neurons.drawn_bias, /*is_learned=*/true, layer.outputs);
      layer.parameters.back().is_drawn = true;
    }
    for (std::size_t k = 0; k < layer.neurons.parameters.size(); ++k) {
      layer.model_parameters.emplace_back(index(layer.padded));
    }
    refresh(layer);
    layers_.push_back(std::move(layer));
  }
}

void FusedNetwork::add_weights(const Layer& layer, Synapses& synapses, bool is_transposed) {
  synapses.weights[0] = Buffer<float>(index((synapses.inputs + 1) * layer.padded));
  if (!is_transposed) return;
  synapses.transposed = Buffer<float>(index(kernels::padded(synapses.inputs) * layer.outputs));
}

template <class Options>
void FusedNetwork::add_parameters(Layer& layer, const Options& options) {
  visit_learnable(options, [&](const Field& field, const PerNeuron& value, bool is_learned) {
    add_parameter(layer, field, is_learned, std::ssize(value.values));
    const PerNeuron initial = tensor_values(field, value);
    std::ranges::copy(initial.values, layer.parameters.back().values[0].data());
  });
}

void FusedNetwork::add_parameter(Layer& layer, const Field& field, bool is_learned,
                                 std::int64_t size) {
  NeuronParameter parameter;
  parameter.field = field;
  parameter.is_learned = is_learned;
  parameter.size = size;
  for (auto& buffer : parameter.values) buffer = Buffer<float>(index(layer.padded));
  layer.parameters.push_back(std::move(parameter));
}

// The pieces of weights, those of the first layer with the weights of `size_of_first` inputs.
std::vector<FusedNetwork::WeightPiece> FusedNetwork::build_pieces(
    std::int64_t size_of_first) const {
  std::vector<WeightPiece> pieces;
  // The pieces of spikes come first, because they take longest.
  for (std::size_t i = layers_.size(); i-- > 0;) {
    add_pieces(i, /*is_recurrent=*/true, kSpikesInPiece, pieces);
    add_pieces(i, /*is_recurrent=*/false, i == 0 ? size_of_first : kSpikesInPiece, pieces);
  }
  return pieces;
}

void FusedNetwork::add_pieces(std::size_t layer, bool is_recurrent, std::int64_t size,
                              std::vector<WeightPiece>& pieces) const {
  const Synapses& synapses = layers_[layer].synapses_of(is_recurrent);
  if (!synapses.is_learned) return;
  for (std::int64_t block = 0; block < layers_[layer].blocks; ++block) {
    for (std::int64_t first = 0; first < synapses.inputs; first += size) {
      const std::int64_t count = std::min(size, synapses.inputs - first);
      pieces.push_back(
          {layer, block, first, count, first + count == synapses.inputs, is_recurrent});
    }
  }
}

int FusedNetwork::lanes(const Layer& layer, std::int64_t block) const {
  return static_cast<int>(std::min<std::int64_t>(kBlock, layer.padded - block * kBlock));
}

std::int64_t FusedNetwork::outputs_of(const Layer& layer, std::int64_t block) const {
  return std::min<std::int64_t>(kBlock, layer.outputs - block * kBlock);
}

float* FusedNetwork::weights_of(Synapses& synapses, Kind kind, std::int64_t block) const {
  return synapses.weights[index(kind)].data() + block * kBlock * (synapses.inputs + 1);
}

std::int64_t FusedNetwork::rows_of_sample(std::size_t layer) const {
  return layer == 0 ? input_.shape().rows() : steps();
}

float* FusedNetwork::currents_of(std::size_t layer, std::int64_t block, std::int64_t sample) {
  const std::int64_t rows = rows_of_sample(layer);
  return layers_[layer].currents.data() + block * kBlock * samples() * rows +
         sample * rows * lanes(layers_[layer], block);
}

kernels::NeuronBlock FusedNetwork::neuron_block(const Layer& layer, std::int64_t block) const {
  kernels::NeuronBlock result{};
  result.model = layer.neurons.model;
  result.lanes = lanes(layer, block);
  result.steps = steps();
  result.window = pass_.window;
  result.reset = layer.neurons.reset;
  result.timing = layer.neurons.timing;
  result.surrogate = layer.neurons.surrogate;
  for (std::size_t k = 0; k < layer.model_parameters.size(); ++k) {
    result.parameters[k] = layer.model_parameters[k].data() + block * kBlock;
  }
  return result;
}

// The value of a learnable option that the forward pass of a neuron uses.
double FusedNetwork::value_of(const Layer& layer, int option, std::int64_t neuron) const {
  if (option < 0) return 0;
  const NeuronParameter& parameter = layer.parameters[index(option)];
  return used_value(parameter.field, parameter.values[0].data()[parameter.size == 1 ? 0 : neuron]);
}

// Computes the parameters of the neurons' model. Padding neurons never spike.
void FusedNetwork::refresh(Layer& layer) {
  for (std::size_t k = 0; k < layer.model_parameters.size(); ++k) {
    const kernels::ModelParameter& parameter = layer.neurons.parameters[k];
    float* values = layer.model_parameters[k].data();
    for (std::int64_t n = 0; n < layer.outputs; ++n) {
      values[n] = static_cast<float>(
          parameter.at(value_of(layer, parameter.x, n), value_of(layer, parameter.y, n), index(n)));
    }
    std::fill(values + layer.outputs, values + layer.padded,
              k == kernels::parameter::kThreshold ? 1.0F : 0.0F);
  }
}

float* FusedNetwork::scratch(int thread, std::int64_t size) {
  Buffer<float>& buffer = scratch_[index(thread)];
  buffer.reserve(index(size));
  return buffer.data();
}

// Called before every pass: the number of threads may change, also between a forward pass and its
// backward pass, and may differ if another thread calls backward().
void FusedNetwork::reserve_threads() {
  scratch_.resize(index(executor_.threads()));
  tables_.resize(index(executor_.threads()));
  for (auto& table : tables_) table.reserve(kernels::kScratchFloats);
}

void FusedNetwork::reserve_batch() {
  reserve_threads();
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const std::int64_t neurons = samples() * layer.padded;
    layer.currents.reserve(index(neurons * rows_of_sample(i)));
    if (layer.is_recurrent() && rows_of_sample(i) == 1) {
      layer.driven.reserve(index(neurons * steps()));
    }
    layer.masks.reserve(index(layer.blocks * samples() * steps() * kernels::kMasksOfBlock));
    layer.words.reserve(index(neurons * words));
    layer.active.reserve(index(neurons));
    layer.active_counts.reserve(index(samples() * layer.blocks));
    layer.sums.reserve(index(parts() * layer.sum_count() * layer.padded));
    reserve_dropout(i);
  }
  const std::size_t outputs = index(samples() * steps() * padded_classes());
  spikes_.reserve(outputs);
  membrane_.reserve(outputs);
}

}  // namespace snn::fused
