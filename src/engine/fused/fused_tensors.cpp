#include <algorithm>
#include <bit>
#include <utility>

#include "engine/engine_state.h"
#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"
#include "network/initial_values.h"

namespace snn::fused {

using kernels::kBlock;
using kernels::kStepsPerWord;

std::vector<TensorView> FusedNetwork::tensors() {
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    add_synapse_views(i, /*is_recurrent=*/false, views);
    add_neuron_views(i, views);
    add_synapse_views(i, /*is_recurrent=*/true, views);
  }
  return views;
}

std::vector<TensorView> FusedNetwork::constants() const {
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const kernels::ConstantTensor& constant : layers_[i].neurons.constants) {
      TensorView view;
      view.name = neuron_name(spec_, i) + "." + constant.name;
      const std::vector<double>& values = constant.value.values;
      if (values.size() > 1) view.shape = {std::ssize(values)};
      view.read = [values](Kind, float* to) {
        std::ranges::transform(values, to, [](double each) { return static_cast<float>(each); });
      };
      view.write = [](Kind, const float*) {};
      views.push_back(std::move(view));
    }
  }
  return views;
}

void FusedNetwork::initialize(std::uint64_t seed) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    for (const bool is_recurrent : {false, true}) {
      std::vector<TensorView> views;
      add_synapse_views(i, is_recurrent, views);
      for (const TensorView& view : views) {
        const auto which = view.shape.size() == 2 ? InitialTensor::kWeight : InitialTensor::kBias;
        const auto values =
            initial_values({seed, static_cast<std::uint32_t>(i), is_recurrent ? 1U : 0U}, which,
                           layers_[i].synapses_of(is_recurrent).inputs, value_count(view.shape));
        view.write(Kind::kValue, values.data());
      }
    }
    Layer& layer = layers_[i];
    for (NeuronParameter& parameter : layer.parameters) {
      if (!parameter.is_drawn) continue;
      const auto values = initial_values({seed, static_cast<std::uint32_t>(i), 1},
                                         InitialTensor::kBias, layer.outputs, index(layer.outputs));
      std::ranges::copy(values, parameter.values[0].data());
      refresh(layer);
    }
  }
}

void FusedNetwork::add_neuron_views(std::size_t index_of_layer, std::vector<TensorView>& views) {
  Layer& layer = layers_[index_of_layer];
  const std::string neuron = neuron_name(spec_, index_of_layer) + ".";
  for (NeuronParameter& parameter : layer.parameters) {
    TensorView view;
    view.name = neuron + tensor_name(parameter.field);
    if (parameter.size > 1 || parameter.is_drawn) view.shape = {parameter.size};
    view.is_learned = parameter.is_learned;
    view.read = [&parameter](Kind kind, float* to) {
      std::copy_n(parameter.values[index(kind)].data(), parameter.size, to);
    };
    view.write = [this, &parameter, &layer](Kind kind, const float* from) {
      std::copy_n(from, parameter.size, parameter.values[index(kind)].data());
      refresh(layer);
    };
    views.push_back(std::move(view));
  }
}

void FusedNetwork::add_synapse_views(std::size_t index_of_layer, bool is_recurrent,
                                     std::vector<TensorView>& views) {
  Layer& layer = layers_[index_of_layer];
  Synapses& synapses = layer.synapses_of(is_recurrent);
  if (synapses.inputs == 0) return;
  const std::string name = is_recurrent ? neuron_name(spec_, index_of_layer) + ".recurrent"
                                        : synapse_name(spec_, index_of_layer, layer.linear);
  const auto add = [&](const std::string& tensor, std::vector<std::int64_t> shape,
                       std::int64_t first, std::int64_t end) {
    TensorView view;
    view.name = name + "." + tensor;
    view.shape = std::move(shape);
    view.is_learned = synapses.is_learned;
    view.read = [=, this, &layer, &synapses](Kind kind, float* to) {
      synapses.weights[index(kind)].reserve(synapses.weights[0].size());
      executor_.run(layer.blocks, [&](std::int64_t block, int) {
        copy_out(layer, block, weights_of(synapses, kind, block) + first * lanes(layer, block),
                 end - first, to, end - first);
      });
    };
    view.write = [=, this, &layer, &synapses](Kind kind, const float* from) {
      synapses.weights[index(kind)].reserve(synapses.weights[0].size());
      executor_.run(layer.blocks, [&](std::int64_t block, int) {
        const int width = lanes(layer, block);
        kernels_.transpose(outputs_of(layer, block), end - first,
                           from + block * kBlock * (end - first), end - first,
                           weights_of(synapses, kind, block) + first * width, width);
      });
      // A bias has no place there.
      if (kind == Kind::kValue && first == 0) transpose(index_of_layer, is_recurrent);
    };
    views.push_back(std::move(view));
  };
  add("weight", {layer.outputs, synapses.inputs}, 0, synapses.inputs);
  if (synapses.has_bias) add("bias", {layer.outputs}, synapses.inputs, synapses.inputs + 1);
}

// Copies `count` rows of a block's weights, or of their other data, to a tensor (outputs,stride).
void FusedNetwork::copy_out(const Layer& layer, std::int64_t block, const float* rows,
                            std::int64_t count, float* to, std::int64_t stride) const {
  kernels_.transpose(count, outputs_of(layer, block), rows, lanes(layer, block),
                     to + block * kBlock * stride, stride);
}

void FusedNetwork::transpose(std::size_t layer, bool is_recurrent) {
  const std::int64_t inputs = layers_[layer].synapses_of(is_recurrent).inputs;
  executor_.run(layers_[layer].blocks, [&](std::int64_t block, int) {
    transpose({layer, block, 0, inputs, /*has_bias=*/true, is_recurrent});
  });
}

// Copies a piece of the weights to the buffer in which the layer that spikes into them reads the
// weights of its own neurons.
void FusedNetwork::transpose(const WeightPiece& piece) {
  Layer& layer = layers_[piece.layer];
  Synapses& synapses = layer.synapses_of(piece.is_recurrent);
  if (synapses.transposed.size() == 0) return;
  const Layer& before = layers_[piece.layer - (piece.is_recurrent ? 0 : 1)];
  const std::int64_t width = lanes(layer, piece.block), end = piece.first + piece.count;
  const float* weights = weights_of(synapses, Kind::kValue, piece.block);
  for (std::int64_t first = piece.first; first < end; first += kBlock) {
    const std::int64_t block = first / kBlock, stride = lanes(before, block);
    kernels_.transpose(
        std::min<std::int64_t>(kBlock, end - first), outputs_of(layer, piece.block),
        weights + first * width, width,
        synapses.transposed.data() + block * kBlock * layer.outputs + piece.block * kBlock * stride,
        stride);
  }
}

void FusedNetwork::count_spikes(std::size_t index_of_layer,
                                std::vector<std::int64_t>& counts) const {
  const Layer& layer = layers_[index_of_layer];
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  counts.resize(index(layer.outputs));
  if (!layer.neurons.has_spikes) {
    for (std::int64_t row = 0; row < samples() * steps(); ++row) {
      const float* values = membrane_.data() + row * layer.padded;
      for (std::int64_t n = 0; n < layer.outputs; ++n) counts[index(n)] += values[n] != 0 ? 1 : 0;
    }
    return;
  }
  executor_.run(layer.blocks, [&](std::int64_t block, int) {
    const std::int64_t first = block * kBlock, end = std::min(first + kBlock, layer.outputs);
    for (std::int64_t row = 0; row < samples() * words; ++row) {
      const std::uint32_t* bits = layer.words.data() + row * layer.padded;
      for (std::int64_t n = first; n < end; ++n) counts[index(n)] += std::popcount(bits[n]);
    }
  });
}

void FusedNetwork::write_spikes(std::size_t index_of_layer, float* values) const {
  const Layer& layer = layers_[index_of_layer];
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  executor_.run(steps(), [&](std::int64_t t, int) {
    const std::int64_t word = t / kStepsPerWord, bit = t % kStepsPerWord;
    for (std::int64_t sample = 0; sample < samples(); ++sample) {
      const std::uint32_t* bits = layer.words.data() + (sample * words + word) * layer.padded;
      float* row = values + (t * samples() + sample) * layer.outputs;
      for (std::int64_t n = 0; n < layer.outputs; ++n) {
        row[n] = static_cast<float>(bits[n] >> bit & 1U);
      }
    }
  });
}

}  // namespace snn::fused
