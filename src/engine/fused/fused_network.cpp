#include "engine/fused/fused_network.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>
#include <variant>

namespace snn::fused {
namespace {

using kernels::kBlock;
using kernels::kGroup;
using kernels::kStepsPerWord;

// A layer's work on a part of the samples is a piece, for each block of its neurons. So are the
// weights of a block from so many inputs. Sums of subsets are made anew in each piece:
// of spikes it takes more than of pixels.
constexpr std::int64_t kPixelsInPiece = 112;
constexpr std::int64_t kSpikesInPiece = 4 * kBlock;

// What kernels::LeakySums points at, in the order in which a layer keeps it.
enum Sum { kCurrent, kSquare, kBeta, kThreshold, kSums };

std::int64_t pieces_of(std::int64_t whole, std::int64_t piece) {
  return (whole + piece - 1) / piece;
}

std::size_t index(std::int64_t value) { return static_cast<std::size_t>(value); }
std::size_t index(Kind kind) { return static_cast<std::size_t>(kind); }

const LeakyOptions& leaky_options(const LayerSpec& layer) {
  return std::get<LeakyOptions>(layer.neuron);
}

}  // namespace

bool covers(const NetworkSpec& spec) {
  return std::all_of(spec.layers.begin(), spec.layers.end(), [](const LayerSpec& layer) {
    const auto* leaky = std::get_if<LeakyOptions>(&layer.neuron);
    return std::holds_alternative<LinearSpec>(layer.synapse) && leaky != nullptr &&
           !leaky->inhibition() && !leaky->learn_graded_spikes_factor() &&
           leaky->graded_spikes_factor() == PerNeuron(1.0);
  });
}

FusedNetwork::FusedNetwork(const NetworkSpec& spec, const kernels::Kernels& kernels,
                           Executor& executor)
    : spec_(spec), kernels_(kernels), executor_(executor) {
  build_layers();
  build_pieces();
}

void FusedNetwork::build_layers() {
  const auto neuron_parameter = [](const PerNeuron& option, bool is_learned, const Layer& layer) {
    NeuronParameter parameter;
    parameter.is_learned = is_learned;
    parameter.size = static_cast<std::int64_t>(option.values.size());
    for (auto& buffer : parameter.values) buffer = Buffer<float>(index(layer.padded));
    std::copy(option.values.begin(), option.values.end(), parameter.values[0].data());
    parameter.of_neurons = Buffer<float>(index(layer.padded));
    return parameter;
  };
  for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
    const auto& linear = std::get<LinearSpec>(spec_.layers[i].synapse);
    Layer layer;
    layer.options = &leaky_options(spec_.layers[i]);
    layer.inputs = layer_inputs(spec_, i);
    layer.outputs = linear.outputs;
    layer.has_bias = linear.bias;
    layer.padded = pieces_of(layer.outputs, kGroup) * kGroup;
    layer.blocks = pieces_of(layer.padded, kBlock);
    layer.weights[0] = Buffer<float>(index((layer.inputs + 1) * layer.padded));
    if (i > 0) layer.transposed = Buffer<float>(index(layers_[i - 1].padded * layer.outputs));
    layer.beta = neuron_parameter(layer.options->beta(), layer.options->learn_beta(), layer);
    layer.threshold =
        neuron_parameter(layer.options->threshold(), layer.options->learn_threshold(), layer);
    refresh(layer.beta, layer, /*clamps=*/true);
    refresh(layer.threshold, layer, /*clamps=*/false);
    layers_.push_back(std::move(layer));
  }
}

void FusedNetwork::build_pieces() {
  // Those of spikes first, for they are the largest.
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    const std::int64_t size = i == 0 ? kPixelsInPiece : kSpikesInPiece;
    for (std::int64_t block = 0; block < layer.blocks; ++block) {
      for (std::int64_t first = 0; first < layer.inputs; first += size) {
        const std::int64_t count = std::min(size, layer.inputs - first);
        pieces_.push_back({i, block, first, count, first + count == layer.inputs});
      }
    }
  }
}

int FusedNetwork::lanes(const Layer& layer, std::int64_t block) const {
  return static_cast<int>(std::min<std::int64_t>(kBlock, layer.padded - block * kBlock));
}

std::int64_t FusedNetwork::outputs_of(const Layer& layer, std::int64_t block) const {
  return std::min<std::int64_t>(kBlock, layer.outputs - block * kBlock);
}

float* FusedNetwork::weights_of(Layer& layer, Kind kind, std::int64_t block) const {
  return layer.weights[index(kind)].data() + block * kBlock * (layer.inputs + 1);
}

std::int64_t FusedNetwork::rows_of_sample(std::size_t layer) const {
  return layer == 0 ? input_.shape().rows() : steps();
}

float* FusedNetwork::currents_of(std::size_t layer, std::int64_t block, std::int64_t sample) {
  const std::int64_t rows = rows_of_sample(layer);
  return layers_[layer].currents.data() + block * kBlock * samples() * rows +
         sample * rows * lanes(layers_[layer], block);
}

kernels::LeakyBlock FusedNetwork::leaky_block(const Layer& layer, std::int64_t block) const {
  return {lanes(layer, block),
          steps(),
          layer.options->reset(),
          layer.options->reset_delay(),
          layer.options->surrogate(),
          layer.beta.of_neurons.data() + block * kBlock,
          layer.threshold.of_neurons.data() + block * kBlock};
}

float* FusedNetwork::scratch(int thread, std::int64_t size) {
  Buffer<float>& buffer = scratch_[index(thread)];
  buffer.reserve(index(size));
  return buffer.data();
}

// The parameter as the kernels take it. Neurons that pad a layer never spike.
void FusedNetwork::refresh(NeuronParameter& parameter, const Layer& layer, bool clamps) {
  const float* values = parameter.values[0].data();
  float* of_neurons = parameter.of_neurons.data();
  for (std::int64_t n = 0; n < layer.padded; ++n) {
    const float value = n >= layer.outputs ? 1.0F : values[parameter.size == 1 ? 0 : n];
    of_neurons[n] = clamps ? std::clamp(value, 0.0F, 1.0F) : value;
  }
}

std::vector<TensorView> FusedNetwork::tensors() {
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    Layer& layer = layers_[i];
    add_synapse_views(i, "fc" + number, views);
    const auto add = [&](const char* name, NeuronParameter& parameter, bool clamps) {
      TensorView view;
      view.name = neuron_name(spec_, i) + "." + name;
      if (parameter.size > 1) view.shape = {parameter.size};
      view.is_learned = parameter.is_learned;
      view.read = [&parameter](Kind kind, float* to) {
        std::copy_n(parameter.values[index(kind)].data(), parameter.size, to);
      };
      view.write = [this, &parameter, &layer, clamps](Kind kind, const float* from) {
        std::copy_n(from, parameter.size, parameter.values[index(kind)].data());
        refresh(parameter, layer, clamps);
      };
      views.push_back(std::move(view));
    };
    add("beta", layer.beta, true);
    add("threshold", layer.threshold, false);
  }
  return views;
}

void FusedNetwork::add_synapse_views(std::size_t index_of_layer, const std::string& name,
                                     std::vector<TensorView>& views) {
  Layer& layer = layers_[index_of_layer];
  const auto add = [&](const std::string& tensor, std::vector<std::int64_t> shape,
                       std::int64_t first, std::int64_t end) {
    TensorView view;
    view.name = name + "." + tensor;
    view.shape = std::move(shape);
    view.is_learned = true;
    view.read = [=, this, &layer](Kind kind, float* to) {
      layer.weights[index(kind)].reserve(layer.weights[0].size());
      executor_.run(layer.blocks, [&](std::int64_t block, int) {
        copy_out(layer, block, weights_of(layer, kind, block) + first * lanes(layer, block),
                 end - first, to, end - first);
      });
    };
    view.write = [=, this, &layer](Kind kind, const float* from) {
      layer.weights[index(kind)].reserve(layer.weights[0].size());
      executor_.run(layer.blocks, [&](std::int64_t block, int) {
        const int width = lanes(layer, block);
        kernels_.transpose(outputs_of(layer, block), end - first,
                           from + block * kBlock * (end - first), end - first,
                           weights_of(layer, kind, block) + first * width, width);
      });
      // A bias has no place there.
      if (kind == Kind::kValue && first == 0) transpose(index_of_layer);
    };
    views.push_back(std::move(view));
  };
  add("weight", {layer.outputs, layer.inputs}, 0, layer.inputs);
  if (layer.has_bias) add("bias", {layer.outputs}, layer.inputs, layer.inputs + 1);
}

// Copies `count` rows of a block's weights, or of what else there is of them, to a tensor
// (outputs,stride).
void FusedNetwork::copy_out(const Layer& layer, std::int64_t block, const float* rows,
                            std::int64_t count, float* to, std::int64_t stride) const {
  kernels_.transpose(count, outputs_of(layer, block), rows, lanes(layer, block),
                     to + block * kBlock * stride, stride);
}

void FusedNetwork::transpose(std::size_t layer) {
  executor_.run(static_cast<std::int64_t>(pieces_.size()), [&](std::int64_t i, int) {
    if (pieces_[index(i)].layer == layer) transpose(pieces_[index(i)]);
  });
}

// Copies a piece of the weights to where the layer before it finds those of its own neurons.
void FusedNetwork::transpose(const WeightPiece& piece) {
  if (piece.layer == 0) return;
  Layer& layer = layers_[piece.layer];
  const Layer& before = layers_[piece.layer - 1];
  const std::int64_t width = lanes(layer, piece.block), end = piece.first + piece.count;
  const float* weights = weights_of(layer, Kind::kValue, piece.block);
  for (std::int64_t first = piece.first; first < end; first += kBlock) {
    const std::int64_t block = first / kBlock, stride = lanes(before, block);
    kernels_.transpose(
        std::min<std::int64_t>(kBlock, end - first), outputs_of(layer, piece.block),
        weights + first * width, width,
        layer.transposed.data() + block * kBlock * layer.outputs + piece.block * kBlock * stride,
        stride);
  }
}

template <class T>
void FusedNetwork::read(const InputShape& shape, const T* values) {
  input_.begin(shape);
  executor_.run(parts(), [&](std::int64_t part, int) { input_.read_part(part, values); });
}

template void FusedNetwork::read(const InputShape&, const std::uint8_t*);
template void FusedNetwork::read(const InputShape&, const float*);

// Not only at first: the number of threads may change, also between a forward and its backward
// pass, and is another one where backward() is called by another thread.
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
    layer.masks.reserve(index(layer.blocks * samples() * steps() * kernels::kMasksOfBlock));
    layer.words.reserve(index(neurons * words));
    layer.active.reserve(index(neurons));
    layer.active_counts.reserve(index(samples() * layer.blocks));
    layer.sums.reserve(index(parts() * kSums * layer.padded));
  }
  const std::size_t outputs = index(samples() * steps() * padded_classes());
  spikes_.reserve(outputs);
  membrane_.reserve(outputs);
}

void FusedNetwork::answer_part(const Answer& answer, std::int64_t part) const {
  answer(part * kPart, std::min((part + 1) * kPart, samples()));
}

// Calls work(block, part, thread) for all pieces of a layer. The first layer's have company that
// nobody waits for before they are done.
template <class Work>
void FusedNetwork::run_pieces(std::size_t layer, const std::function<void()>& meanwhile,
                              const Work& work) {
  const std::int64_t company = layer == 0 ? 2 : 0;
  executor_.run(company + layers_[layer].blocks * parts(), [&](std::int64_t piece, int thread) {
    if (piece >= company) {
      const std::int64_t own = piece - company;
      work(own / parts(), own % parts(), thread);
    } else if (piece == 0) {
      if (!input_.has_columns()) input_.list_columns();
    } else if (meanwhile) {
      meanwhile();
    }
  });
}

void FusedNetwork::forward_layer(std::size_t layer, const std::function<void()>& meanwhile) {
  run_pieces(layer, meanwhile, [&](std::int64_t block, std::int64_t part, int thread) {
    forward_piece(layer, block, part, thread);
  });
}

void FusedNetwork::forward(const Answer& answer, const std::function<void()>& meanwhile) {
  reserve_batch();
  for (std::size_t i = 0; i < layers_.size(); ++i) forward_layer(i, meanwhile);
  if (answer) executor_.run(parts(), [&](std::int64_t part, int) { answer_part(answer, part); });
}

bool FusedNetwork::forward_backward(bool has_spikes_gradient, bool has_membrane_gradient,
                                    const Answer& answer, const std::function<void()>& meanwhile) {
  const std::size_t last = layers_.size() - 1;
  if (layers_[last].blocks > 1) {
    forward(answer, meanwhile);
    return backward(has_spikes_gradient, has_membrane_gradient);
  }
  reserve_batch();
  const auto output = output_gradients(has_spikes_gradient, has_membrane_gradient);
  for (std::size_t i = 0; i < last; ++i) forward_layer(i, meanwhile);
  run_pieces(last, meanwhile, [&](std::int64_t block, std::int64_t part, int thread) {
    forward_piece(last, block, part, thread);
    answer_part(answer, part);
    backward_piece(last, block, part, thread, output);
  });
  for (std::size_t i = last; i-- > 0;) backward_layer(i, {});
  return reduce_sums();
}

void FusedNetwork::forward_piece(std::size_t index_of_layer, std::int64_t block, std::int64_t part,
                                 int thread) {
  Layer& layer = layers_[index_of_layer];
  const std::int64_t first = part * kPart, end = std::min(first + kPart, samples());
  const std::int64_t rows = rows_of_sample(index_of_layer);
  const int width = lanes(layer, block);
  const float* weights = weights_of(layer, Kind::kValue, block);
  float* currents = currents_of(index_of_layer, block, first);
  if (index_of_layer == 0) {
    kernels_.rows_forward(width, weights, layer.inputs, input_.rows(), first * rows,
                          (end - first) * rows, currents);
  } else {
    const Layer& before = layers_[index_of_layer - 1];
    const std::int64_t masks_of_sample = steps() * kernels::kMasksOfBlock;
    kernels_.spikes_forward(width, static_cast<int>(outputs_of(layer, block)), weights,
                            layer.inputs, before.masks.data() + first * masks_of_sample,
                            samples() * masks_of_sample, (end - first) * steps(), currents,
                            tables_[index(thread)].data());
  }

  const kernels::LeakyBlock neurons = leaky_block(layer, block);
  const std::ptrdiff_t stride = rows == 1 ? 0 : width;
  const bool is_last = index_of_layer + 1 == layers_.size();
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  for (std::int64_t sample = first; sample < end; ++sample) {
    const std::int64_t at = sample * steps() * layer.padded + block * kBlock;
    kernels::LeakyRecord record{};
    record.words = layer.words.data() + sample * words * layer.padded + block * kBlock;
    record.words_stride = layer.padded;
    record.record_stride = layer.padded;
    if (is_last) {
      record.spikes = spikes_.data() + at;
      record.membrane = membrane_.data() + at;
    } else {
      record.masks =
          layer.masks.data() + (block * samples() + sample) * steps() * kernels::kMasksOfBlock;
      record.masks_stride = kernels::kMasksOfBlock;
    }
    kernels_.leaky_forward(neurons, currents + (sample - first) * rows * width, stride, record);
    if (!is_last) list_active(layer, block, sample);
  }
}

void FusedNetwork::list_active(Layer& layer, std::int64_t block, std::int64_t sample) {
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  const std::int64_t at = block * kBlock;
  // Counted from the first input of the piece of weights that the block is a part of.
  const int count = kernels_.list_active(lanes(layer, block),
                                         layer.words.data() + sample * words * layer.padded + at,
                                         layer.padded, words, static_cast<int>(at % kSpikesInPiece),
                                         layer.active.data() + sample * layer.padded + at);
  layer.active_counts.data()[block * samples() + sample] = static_cast<std::uint16_t>(count);
}

float* FusedNetwork::spikes_gradient() {
  spikes_gradient_.reserve(spikes_.size());
  return spikes_gradient_.data();
}

float* FusedNetwork::membrane_gradient() {
  membrane_gradient_.reserve(membrane_.size());
  return membrane_gradient_.data();
}

void FusedNetwork::count_spikes(std::size_t index_of_layer,
                                std::vector<std::int64_t>& counts) const {
  const Layer& layer = layers_[index_of_layer];
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  counts.resize(index(layer.outputs));
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

kernels::LeakyGradients FusedNetwork::output_gradients(bool has_spikes, bool has_membrane) {
  kernels::LeakyGradients output{};
  output.spikes_stride = output.membrane_stride = padded_classes();
  if (has_spikes) output.spikes = spikes_gradient();
  if (has_membrane) output.membrane = membrane_gradient();
  return output;
}

void FusedNetwork::backward_layer(std::size_t layer, const kernels::LeakyGradients& output) {
  executor_.run(layers_[layer].blocks * parts(), [&](std::int64_t piece, int thread) {
    backward_piece(layer, piece / parts(), piece % parts(), thread, output);
  });
}

bool FusedNetwork::backward(bool has_spikes_gradient, bool has_membrane_gradient) {
  reserve_threads();
  const auto output = output_gradients(has_spikes_gradient, has_membrane_gradient);
  for (std::size_t i = layers_.size(); i-- > 0;) backward_layer(i, output);
  return reduce_sums();
}

// Whether a layer's currents are the same at every step and all that is wanted of their gradients,
// and kernels::leaky_slopes() covers its neurons.
bool FusedNetwork::wants_sums_over_time(std::size_t index_of_layer) const {
  const Layer& layer = layers_[index_of_layer];
  return rows_of_sample(index_of_layer) == 1 && layer.options->reset_delay() &&
         layer.options->reset() != Reset::kZero && !layer.beta.is_learned &&
         !layer.threshold.is_learned;
}

// The weights from a block of a layer to one of the layer after it, (outputs of that,lanes of
// this).
const float* FusedNetwork::weights_after(std::size_t index_of_layer, std::int64_t block,
                                         std::int64_t from) const {
  const Layer& after = layers_[index_of_layer + 1];
  const int width = lanes(layers_[index_of_layer], block);
  return after.transposed.data() + block * kBlock * after.outputs + from * kBlock * width;
}

// What backward_piece() does for such a layer, for the samples [first, end). `slopes` is scratch.
void FusedNetwork::sum_over_time(std::size_t index_of_layer, std::int64_t block, std::int64_t first,
                                 std::int64_t end, const kernels::LeakySums& totals,
                                 float* slopes) {
  const Layer &layer = layers_[index_of_layer], &after = layers_[index_of_layer + 1];
  const int width = lanes(layer, block);
  for (std::int64_t sample = first; sample < end; ++sample) {
    float* current = currents_of(index_of_layer, block, sample);
    kernels_.leaky_slopes(leaky_block(layer, block), current, slopes);
    for (std::int64_t from = 0; from < after.blocks; ++from) {
      kernels_.multiply_slopes(width, steps(), outputs_of(after, from),
                               currents_of(index_of_layer + 1, from, sample), lanes(after, from),
                               weights_after(index_of_layer, block, from), slopes, current,
                               from > 0);
    }
  }
  kernels_.add_rows(width, end - first, currents_of(index_of_layer, block, first), totals.current,
                    totals.square);
}

void FusedNetwork::backward_piece(std::size_t index_of_layer, std::int64_t block, std::int64_t part,
                                  int thread, kernels::LeakyGradients output) {
  Layer& layer = layers_[index_of_layer];
  const int width = lanes(layer, block);
  const bool is_last = index_of_layer + 1 == layers_.size();
  const kernels::LeakyBlock neurons = leaky_block(layer, block);
  const std::ptrdiff_t stride = rows_of_sample(index_of_layer) == 1 ? 0 : width;

  float* sums = layer.sums.data() + part * kSums * layer.padded + block * kBlock;
  for (int sum = 0; sum < kSums; ++sum) std::fill_n(sums + sum * layer.padded, width, 0.0F);
  kernels::LeakySums totals{};
  totals.current = sums + kCurrent * layer.padded;
  totals.square = sums + kSquare * layer.padded;
  if (layer.beta.is_learned || layer.threshold.is_learned) {
    totals.beta = sums + kBeta * layer.padded;
    totals.threshold = sums + kThreshold * layer.padded;
  }

  const std::int64_t first = part * kPart, end = std::min(first + kPart, samples());
  if (!is_last && wants_sums_over_time(index_of_layer)) {
    sum_over_time(index_of_layer, block, first, end, totals, scratch(thread, steps() * width));
    return;
  }

  const std::int64_t size = steps() * width;
  float* replay = scratch(thread, 4 * size);
  float* spikes_gradient = replay + 3 * size;
  for (std::int64_t sample = first; sample < end; ++sample) {
    kernels::LeakyGradients gradients{};
    if (is_last) {
      const std::int64_t at = sample * steps() * layer.padded + block * kBlock;
      gradients = output;
      if (output.spikes != nullptr) gradients.spikes = output.spikes + at;
      if (output.membrane != nullptr) gradients.membrane = output.membrane + at;
    } else {
      const Layer& after = layers_[index_of_layer + 1];
      for (std::int64_t from = 0; from < after.blocks; ++from) {
        kernels_.multiply(width, steps(), outputs_of(after, from),
                          currents_of(index_of_layer + 1, from, sample), lanes(after, from),
                          weights_after(index_of_layer, block, from), spikes_gradient, from > 0);
      }
      gradients.spikes = spikes_gradient;
      gradients.spikes_stride = width;
    }
    float* currents = currents_of(index_of_layer, block, sample);
    kernels_.leaky_backward(neurons, currents, stride, gradients, currents, totals, replay);
  }
}

// Adds the sums of all parts in those of the first.
bool FusedNetwork::reduce_sums() {
  // Squares of gradients that are sums of so many such values stay finite.
  constexpr float kLargest = 1e30F, kLargestSum = 1e15F;
  bool is_finite = true;
  for (Layer& layer : layers_) {
    float* sums = layer.sums.data();
    const std::int64_t size = kSums * layer.padded;
    for (std::int64_t part = 1; part < parts(); ++part) {
      for (std::int64_t i = 0; i < size; ++i) sums[i] += sums[part * size + i];
    }
    for (std::int64_t n = 0; n < layer.padded; ++n) {
      is_finite = is_finite && sums[kSquare * layer.padded + n] < kLargest &&
                  std::abs(sums[kBeta * layer.padded + n]) < kLargestSum &&
                  std::abs(sums[kThreshold * layer.padded + n]) < kLargestSum;
    }
    reduce(layer.beta, layer, sums + kBeta * layer.padded, /*clamps=*/true);
    reduce(layer.threshold, layer, sums + kThreshold * layer.padded, /*clamps=*/false);
  }
  return is_finite;
}

// The gradient of a neuron parameter from those of each neuron; none where its value is clamped.
void FusedNetwork::reduce(NeuronParameter& parameter, const Layer& layer, const float* sums,
                          bool clamps) {
  if (!parameter.is_learned) return;
  const float* values = parameter.values[index(Kind::kValue)].data();
  float* gradient = parameter.values[index(Kind::kGradient)].data();
  if (parameter.size == 1) {
    gradient[0] = static_cast<float>(std::accumulate(sums, sums + layer.outputs, 0.0));
  } else {
    std::copy_n(sums, layer.outputs, gradient);
  }
  for (std::int64_t i = 0; clamps && i < parameter.size; ++i) {
    if (values[i] < 0 || values[i] > 1) gradient[i] = 0;
  }
}

double FusedNetwork::compute_gradients() {
  for (Layer& layer : layers_)
    layer.weights[index(Kind::kGradient)].reserve(layer.weights[0].size());
  return norm_of_pieces([&](const WeightPiece& piece, int thread) {
    Layer& layer = layers_[piece.layer];
    const std::int64_t width = lanes(layer, piece.block);
    float* gradient = weights_of(layer, Kind::kGradient, piece.block) + piece.first * width;
    compute_gradient(piece, gradient, thread);
    return kernels_.sum_of_squares((piece.count + piece.has_bias) * width, gradient);
  });
}

void FusedNetwork::write_gradients(const std::vector<float*>& to) {
  struct Synapse {
    float *weight, *bias;
  };
  std::vector<Synapse> synapses;
  auto next = to.begin();
  for (Layer& layer : layers_) {
    float* weight = *next++;
    synapses.push_back({weight, layer.has_bias ? *next++ : nullptr});
    for (const NeuronParameter* parameter : {&layer.beta, &layer.threshold}) {
      if (!parameter->is_learned) continue;
      std::copy_n(parameter->values[index(Kind::kGradient)].data(), parameter->size, *next++);
    }
  }
  executor_.run(static_cast<std::int64_t>(pieces_.size()), [&](std::int64_t i, int thread) {
    const WeightPiece& piece = pieces_[index(i)];
    const Layer& layer = layers_[piece.layer];
    const Synapse& synapse = synapses[piece.layer];
    const int width = lanes(layer, piece.block);
    float* gradient = scratch(thread, (piece.count + piece.has_bias) * width);
    compute_gradient(piece, gradient, thread);
    copy_out(layer, piece.block, gradient, piece.count, synapse.weight + piece.first, layer.inputs);
    if (!piece.has_bias || synapse.bias == nullptr) return;
    copy_out(layer, piece.block, gradient + piece.count * width, 1, synapse.bias, 1);
  });
}

double FusedNetwork::update(const kernels::UpdateRule& rule, bool has_gradients) {
  const bool is_adam = rule.kind == kernels::UpdateRule::Kind::kAdam;
  const bool has_first = is_adam || rule.kind == kernels::UpdateRule::Kind::kMomentum;
  for (Layer& layer : layers_) {
    const std::size_t size = layer.weights[0].size();
    if (has_first) layer.weights[index(Kind::kFirstMoment)].reserve(size);
    if (is_adam) layer.weights[index(Kind::kSecondMoment)].reserve(size);
  }
  const double norm = norm_of_pieces([&](const WeightPiece& piece, int thread) {
    const double squares = update(piece, rule, has_gradients, thread);
    transpose(piece);
    return squares;
  });
  for (Layer& layer : layers_) {
    update(layer.beta, layer, rule, /*clamps=*/true);
    update(layer.threshold, layer, rule, /*clamps=*/false);
  }
  return norm;
}

// Returns the sum of the squares of the piece's gradient.
double FusedNetwork::update(const WeightPiece& piece, const kernels::UpdateRule& rule,
                            bool has_gradients, int thread) {
  Layer& layer = layers_[piece.layer];
  const int width = lanes(layer, piece.block);
  const auto at = [&](Kind kind, std::int64_t row) {
    const bool is_there = layer.weights[index(kind)].size() > 0;
    return is_there ? weights_of(layer, kind, piece.block) + (piece.first + row) * width : nullptr;
  };
  const auto update_rows = [&](std::int64_t row, std::int64_t count, const float* gradient) {
    kernels_.update(rule, count * width, gradient, at(Kind::kValue, row),
                    at(Kind::kFirstMoment, row), at(Kind::kSecondMoment, row));
    return kernels_.sum_of_squares(count * width, gradient);
  };
  const std::int64_t rows = piece.count + piece.has_bias;
  if (has_gradients) return update_rows(0, rows, at(Kind::kGradient, 0));
  if (piece.layer > 0) {
    float* gradient = scratch(thread, rows * width);
    compute_gradient(piece, gradient, thread);
    return update_rows(0, rows, gradient);
  }
  double squares = kernels_.rows_update(rule, width, input_.column_entries(),
                                        input_.column_offsets() + piece.first, piece.count,
                                        currents_of(0, piece.block, 0), at(Kind::kValue, 0),
                                        at(Kind::kFirstMoment, 0), at(Kind::kSecondMoment, 0));
  if (piece.has_bias) {
    float* gradient = scratch(thread, width);
    compute_bias_gradient(piece, gradient);
    squares += update_rows(piece.count, 1, gradient);
  }
  return squares;
}

void FusedNetwork::update(NeuronParameter& parameter, const Layer& layer,
                          const kernels::UpdateRule& rule, bool clamps) {
  if (!parameter.is_learned) return;
  const auto data = [&](Kind kind) { return parameter.values[index(kind)].data(); };
  kernels_.update(rule, pieces_of(parameter.size, kGroup) * kGroup, data(Kind::kGradient),
                  data(Kind::kValue), data(Kind::kFirstMoment), data(Kind::kSecondMoment));
  refresh(parameter, layer, clamps);
}

// Calls work(piece, thread) -> sum of the squares of its gradients for every piece of weights;
// returns the norm of all gradients.
template <class Work>
double FusedNetwork::norm_of_pieces(const Work& work) {
  std::vector<double> squares(pieces_.size());
  executor_.run(static_cast<std::int64_t>(pieces_.size()), [&](std::int64_t i, int thread) {
    squares[index(i)] = work(pieces_[index(i)], thread);
  });
  double total = std::accumulate(squares.begin(), squares.end(), 0.0);
  for (const Layer& layer : layers_) {
    for (const NeuronParameter* parameter : {&layer.beta, &layer.threshold}) {
      if (!parameter->is_learned) continue;
      const float* gradient = parameter->values[index(Kind::kGradient)].data();
      total += kernels_.sum_of_squares(pieces_of(parameter->size, kGroup) * kGroup, gradient);
    }
  }
  return std::sqrt(total);
}

void FusedNetwork::compute_gradient(const WeightPiece& piece, float* gradient, int thread) {
  Layer& layer = layers_[piece.layer];
  const int width = lanes(layer, piece.block);
  if (piece.layer == 0) {
    kernels_.rows_gradient(width, input_.column_entries(), input_.column_offsets() + piece.first,
                           piece.count, currents_of(0, piece.block, 0), gradient);
  } else {
    const Layer& before = layers_[piece.layer - 1];
    const std::int64_t words = pieces_of(steps(), kStepsPerWord);
    const std::int64_t first_block = piece.first / kBlock;
    const std::int64_t blocks = pieces_of(piece.count, kBlock);
    std::fill_n(gradient, piece.count * width, 0.0F);
    for (std::int64_t sample = 0; sample < samples(); ++sample) {
      kernels_.spikes_gradient(width, steps(), currents_of(piece.layer, piece.block, sample),
                               before.words.data() + sample * words * before.padded + piece.first,
                               before.padded,
                               before.active.data() + sample * before.padded + piece.first,
                               before.active_counts.data() + first_block * samples() + sample,
                               samples(), blocks, gradient, tables_[index(thread)].data());
    }
  }
  if (piece.has_bias) compute_bias_gradient(piece, gradient + piece.count * width);
}

void FusedNetwork::compute_bias_gradient(const WeightPiece& piece, float* gradient) const {
  const Layer& layer = layers_[piece.layer];
  const int width = lanes(layer, piece.block);
  if (layer.has_bias) {
    const float* sums = layer.sums.data() + kCurrent * layer.padded + piece.block * kBlock;
    std::copy_n(sums, width, gradient);
  } else {
    std::fill_n(gradient, width, 0.0F);
  }
}

}  // namespace snn::fused
