#include "engine/fused/fused_network.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "engine/fused/layout.h"

namespace snn::fused {

using kernels::kBlock;
using kernels::kStepsPerWord;

// Calls work(piece, thread) for `count` pieces of a layer. The first layer has more work items, the
// list of columns and `meanwhile`, on which none of its pieces depends.
template <class Work>
void FusedNetwork::run_pieces(std::size_t layer, std::int64_t count, const SideWork& meanwhile,
                              const Work& work) {
  const std::int64_t company = layer == 0 ? 1 + meanwhile.count : 0;
  executor_.run(company + count, [&](std::int64_t piece, int thread) {
    if (piece >= company) {
      work(piece - company, thread);
    } else if (piece == 0) {
      if (!input_.is_spikes && !input_.values.has_columns()) input_.values.list_columns();
    } else {
      meanwhile.work(piece - 1);
    }
  });
}

void FusedNetwork::call_for_part(const OnOutput& on_output, std::int64_t part) const {
  on_output(part * kPart, std::min((part + 1) * kPart, samples()));
}

void FusedNetwork::forward_layer(std::size_t layer, const SideWork& meanwhile) {
  scale_weights(layer);
  if (layers_[layer].is_recurrent()) {
    run_pieces(layer, parts(), meanwhile,
               [&](std::int64_t part, int thread) { forward_recurrent(layer, part, thread); });
    return;
  }
  run_pieces(layer, layers_[layer].blocks * parts(), meanwhile,
             [&](std::int64_t piece, int thread) {
               forward_piece(layer, piece / parts(), piece % parts(), thread);
             });
}

void FusedNetwork::forward(const OnOutput& on_output, const SideWork& meanwhile) {
  reserve_batch();
  for (std::size_t i = 0; i < layers_.size(); ++i) forward_layer(i, meanwhile);
  if (on_output)
    executor_.run(parts(), [&](std::int64_t part, int) { call_for_part(on_output, part); });
}

bool FusedNetwork::forward_backward(bool has_spikes_gradient, bool has_membrane_gradient,
                                    const OnOutput& on_output, const SideWork& meanwhile,
                                    const std::function<void()>& on_forward) {
  const std::size_t last = layers_.size() - 1;
  reserve_batch();
  const auto output = output_gradients(has_spikes_gradient, has_membrane_gradient);
  if (layers_[last].blocks > 1 || layers_[last].is_recurrent() || on_forward) {
    forward(on_output, meanwhile);
    if (on_forward) on_forward();
    return backward(has_spikes_gradient, has_membrane_gradient);
  }
  for (std::size_t i = 0; i < last; ++i) forward_layer(i, meanwhile);
  scale_weights(last);
  run_pieces(last, parts(), meanwhile, [&](std::int64_t part, int thread) {
    forward_piece(last, 0, part, thread);
    call_for_part(on_output, part);
    backward_piece(last, 0, part, thread, output);
  });
  for (std::size_t i = last; i-- > 0;) backward_layer(i, {});
  return reduce_sums();
}

// Computes the currents of a block in a part of the samples.
void FusedNetwork::compute_currents(std::size_t index_of_layer, std::int64_t block,
                                    std::int64_t part, int thread) {
  Layer& layer = layers_[index_of_layer];
  const std::int64_t first = part * kPart, end = std::min(first + kPart, samples());
  if (index_of_layer == 0) return input_forward(block, first, end);
  const Layer& before = layers_[index_of_layer - 1];
  const std::int64_t masks_of_sample = steps() * kernels::kMasksOfBlock;
  kernels_.spikes_forward(lanes(layer, block), static_cast<int>(outputs_of(layer, block)),
                          weights_of_inputs(index_of_layer, block), layer.synapses.inputs,
                          before.masks.data() + first * masks_of_sample,
                          samples() * masks_of_sample, (end - first) * steps(),
                          currents_of(index_of_layer, block, first), tables_[index(thread)].data());
}

// Where the results of a block for a sample go.
kernels::NeuronRecord FusedNetwork::record_of(std::size_t index_of_layer, std::int64_t block,
                                              std::int64_t sample) {
  Layer& layer = layers_[index_of_layer];
  const bool is_last = index_of_layer + 1 == layers_.size();
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  const std::int64_t at = sample * steps() * layer.padded + block * kBlock;
  kernels::NeuronRecord record{};
  record.words = layer.words.data() + sample * words * layer.padded + block * kBlock;
  record.words_stride = layer.padded;
  record.record_stride = layer.padded;
  if (is_last) {
    if (layer.neurons.has_spikes) record.spikes = spikes_.data() + at;
    record.membrane = membrane_.data() + at;
  }
  if (!is_last || layer.is_recurrent()) {
    record.masks =
        layer.masks.data() + (block * samples() + sample) * steps() * kernels::kMasksOfBlock;
    record.masks_stride = kernels::kMasksOfBlock;
  }
  return record;
}

void FusedNetwork::forward_piece(std::size_t index_of_layer, std::int64_t block, std::int64_t part,
                                 int thread) {
  compute_currents(index_of_layer, block, part, thread);
  Layer& layer = layers_[index_of_layer];
  const std::int64_t first = part * kPart, end = std::min(first + kPart, samples());
  const std::ptrdiff_t stride = rows_of_sample(index_of_layer) == 1 ? 0 : lanes(layer, block);
  const kernels::NeuronBlock neurons = neuron_block(layer, block);
  const bool is_last = index_of_layer + 1 == layers_.size();
  for (std::int64_t sample = first; sample < end; ++sample) {
    kernels_.neurons_forward(neurons, currents_of(index_of_layer, block, sample), stride,
                             record_of(index_of_layer, block, sample));
    if (drops_output(index_of_layer)) drop_spikes(index_of_layer, block, sample);
    if (!is_last) list_active(layer, block, sample);
  }
}

void FusedNetwork::list_active(Layer& layer, std::int64_t block, std::int64_t sample) {
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  const std::int64_t at = block * kBlock;
  // Counted from the first input of the piece of weights that contains the block.
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

kernels::NeuronGradients FusedNetwork::output_gradients(bool has_spikes, bool has_membrane) {
  kernels::NeuronGradients output{};
  output.spikes_stride = output.membrane_stride = padded_classes();
  if (has_spikes) output.spikes = spikes_gradient();
  if (has_membrane) output.membrane = membrane_gradient();
  return output;
}

// For outputs that are the membrane: the gradients of both are the membrane's.
kernels::NeuronGradients FusedNetwork::of_membrane_alone(kernels::NeuronGradients gradients,
                                                         std::int64_t at, int width) {
  if (gradients.membrane == nullptr) {
    gradients.membrane = gradients.spikes;
  } else if (gradients.spikes != nullptr) {
    for (std::int64_t t = 0; t < steps(); ++t) {
      const float* from = gradients.spikes + t * gradients.spikes_stride;
      float* to = membrane_gradient_.data() + at + t * gradients.membrane_stride;
      std::transform(from, from + width, to, to, std::plus<>());
    }
  }
  gradients.spikes = nullptr;
  return gradients;
}

void FusedNetwork::backward_layer(std::size_t layer, const kernels::NeuronGradients& output) {
  if (layers_[layer].is_recurrent()) {
    executor_.run(parts(), [&](std::int64_t part, int thread) {
      backward_recurrent(layer, part, thread, output);
    });
    return;
  }
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

// True if a layer's currents are the same at every step, only their gradients are needed, and
// kernels::neuron_slopes() supports its neurons.
bool FusedNetwork::wants_sums_over_time(std::size_t index_of_layer) const {
  const Layer& layer = layers_[index_of_layer];
  return rows_of_sample(index_of_layer) == 1 && layer.neurons.has_slopes() &&
         !layer.learns_neurons();
}

// The weights of the synapses of `layer`, whose inputs are the spikes of `before`, from a block of
// that to the block `to` of this, (outputs of this,lanes of that).
const float* FusedNetwork::weights_from(const Layer& before, std::int64_t block, const Layer& layer,
                                        const Synapses& synapses, std::int64_t to) const {
  return synapses.transposed.data() + block * kBlock * layer.outputs +
         to * kBlock * lanes(before, block);
}

// The variant of backward_piece() for such a layer, for the samples [first, end). `slopes` is
// scratch.
void FusedNetwork::sum_over_time(std::size_t index_of_layer, std::int64_t block, std::int64_t first,
                                 std::int64_t end, const kernels::NeuronSums& totals,
                                 float* slopes) {
  const Layer &layer = layers_[index_of_layer], &after = layers_[index_of_layer + 1];
  const int width = lanes(layer, block);
  for (std::int64_t sample = first; sample < end; ++sample) {
    float* current = currents_of(index_of_layer, block, sample);
    kernels_.neuron_slopes(neuron_block(layer, block), current, slopes);
    const bool has_rate = layer.of_rate.size() > 0;
    if (has_rate) {
      kernels_.multiply_slopes(width, steps(), 1, ones_.data(), 1,
                               layer.of_rate.data() + block * kBlock, slopes, current, false);
    }
    if (drops_output(index_of_layer)) weigh_kept(index_of_layer, block, sample, slopes);
    for (std::int64_t from = 0; from < after.blocks; ++from) {
      kernels_.multiply_slopes(width, steps(), outputs_of(after, from),
                               currents_of(index_of_layer + 1, from, sample), lanes(after, from),
                               weights_from(layer, block, after, after.synapses, from), slopes,
                               current, has_rate || from > 0);
    }
  }
  kernels_.add_rows(width, end - first, currents_of(index_of_layer, block, first), totals.current,
                    totals.square);
}

// The sums of a block over a part of the samples, cleared.
kernels::NeuronSums FusedNetwork::clear_sums(Layer& layer, std::int64_t block, std::int64_t part) {
  float* sums = layer.sums.data() + part * layer.sum_count() * layer.padded + block * kBlock;
  for (std::int64_t sum = 0; sum < layer.sum_count(); ++sum)
    std::fill_n(sums + sum * layer.padded, lanes(layer, block), 0.0F);
  kernels::NeuronSums totals{};
  totals.current = sums + kCurrent * layer.padded;
  totals.square = sums + kSquare * layer.padded;
  const auto is_learned = [&](int option) {
    return option >= 0 && layer.parameters[index(option)].is_learned;
  };
  for (std::size_t k = 0; k < layer.model_parameters.size(); ++k) {
    const kernels::ModelParameter& parameter = layer.neurons.parameters[k];
    if (!is_learned(parameter.x) && !is_learned(parameter.y)) continue;
    totals.parameters[k] = sums + (kOfParameters + static_cast<std::int64_t>(k)) * layer.padded;
  }
  return totals;
}

// Stores what a regulariser adds to the gradients of a hidden block's spikes, (rows,lanes); false
// if there is none.
bool FusedNetwork::begin_gradients(const Layer& layer, std::int64_t block, std::int64_t rows,
                                   float* of_spikes) const {
  if (layer.of_rate.size() == 0) return false;
  const int width = lanes(layer, block);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::copy_n(layer.of_rate.data() + block * kBlock, width, of_spikes + row * width);
  }
  return true;
}

// Adds the same to gradients that are there.
void FusedNetwork::add_rates(const Layer& layer, std::int64_t block, std::int64_t rows,
                             float* of_spikes) const {
  if (layer.of_rate.size() == 0) return;
  const int width = lanes(layer, block);
  const float* rates = layer.of_rate.data() + block * kBlock;
  for (std::int64_t row = 0; row < rows; ++row, of_spikes += width) {
    std::transform(rates, rates + width, of_spikes, of_spikes, std::plus<>());
  }
}

void FusedNetwork::backward_piece(std::size_t index_of_layer, std::int64_t block, std::int64_t part,
                                  int thread, kernels::NeuronGradients output) {
  Layer& layer = layers_[index_of_layer];
  const int width = lanes(layer, block);
  const bool is_last = index_of_layer + 1 == layers_.size();
  const kernels::NeuronBlock neurons = neuron_block(layer, block);
  const std::ptrdiff_t stride = rows_of_sample(index_of_layer) == 1 ? 0 : width;

  const kernels::NeuronSums totals = clear_sums(layer, block, part);

  const std::int64_t first = part * kPart, end = std::min(first + kPart, samples());
  if (!is_last && wants_sums_over_time(index_of_layer)) {
    sum_over_time(index_of_layer, block, first, end, totals, scratch(thread, 2 * steps() * width));
    return;
  }

  const std::int64_t size = steps() * width;
  float* replay = scratch(thread, (kernels::kReplayArrays + 1) * size);
  float* spikes_gradient = replay + kernels::kReplayArrays * size;
  for (std::int64_t sample = first; sample < end; ++sample) {
    kernels::NeuronGradients gradients{};
    if (is_last) {
      const std::int64_t at = sample * steps() * layer.padded + block * kBlock;
      gradients = output;
      if (output.spikes != nullptr) gradients.spikes = output.spikes + at;
      if (output.membrane != nullptr) gradients.membrane = output.membrane + at;
      if (!layer.neurons.has_spikes) gradients = of_membrane_alone(gradients, at, width);
    } else {
      const Layer& after = layers_[index_of_layer + 1];
      const bool drops = drops_output(index_of_layer);
      const bool has_rate = !drops && begin_gradients(layer, block, steps(), spikes_gradient);
      for (std::int64_t from = 0; from < after.blocks; ++from) {
        kernels_.multiply(width, steps(), outputs_of(after, from),
                          currents_of(index_of_layer + 1, from, sample), lanes(after, from),
                          weights_from(layer, block, after, after.synapses, from), spikes_gradient,
                          has_rate || from > 0);
      }
      if (drops) {
        weigh_kept(index_of_layer, block, sample, spikes_gradient);
        add_rates(layer, block, steps(), spikes_gradient);
      }
      gradients.spikes = spikes_gradient;
      gradients.spikes_stride = width;
    }
    float* currents = currents_of(index_of_layer, block, sample);
    kernels_.neurons_backward(neurons, currents, stride, gradients, currents, totals, replay);
  }
}

// Accumulates the sums of all parts in those of the first.
bool FusedNetwork::reduce_sums() {
  // The squares of gradients that are sums of that many such values stay finite.
  constexpr float kLargest = 1e30F, kLargestSum = 1e15F;
  bool is_finite = true;
  for (Layer& layer : layers_) {
    float* sums = layer.sums.data();
    const std::int64_t size = layer.sum_count() * layer.padded;
    for (std::int64_t part = 1; part < parts(); ++part) {
      for (std::int64_t i = 0; i < size; ++i) sums[i] += sums[part * size + i];
    }
    for (std::int64_t n = 0; n < layer.padded; ++n) {
      is_finite = is_finite && sums[kSquare * layer.padded + n] < kLargest;
    }
    for (std::int64_t i = kOfParameters * layer.padded; i < size; ++i) {
      is_finite = is_finite && std::abs(sums[i]) < kLargestSum;
    }
    if (layer.learns_neurons()) reduce(layer, sums + kOfParameters * layer.padded);
  }
  return is_finite;
}

// Reduces `sums`, the gradients of the model's parameters, to those of the learned options; they
// are 0 where the value is clamped.
void FusedNetwork::reduce(Layer& layer, const float* sums) {
  for (std::size_t option = 0; option < layer.parameters.size(); ++option) {
    NeuronParameter& learned = layer.parameters[option];
    if (!learned.is_learned) continue;
    std::vector<double> gradients(index(layer.outputs));
    for (std::size_t k = 0; k < layer.neurons.parameters.size(); ++k) {
      const kernels::ModelParameter& parameter = layer.neurons.parameters[k];
      const bool is_x = parameter.x == static_cast<int>(option);
      if (!is_x && parameter.y != static_cast<int>(option)) continue;
      const float* of_parameter = sums + static_cast<std::int64_t>(k) * layer.padded;
      for (std::int64_t n = 0; n < layer.outputs; ++n) {
        const double x = value_of(layer, parameter.x, n), y = value_of(layer, parameter.y, n);
        gradients[index(n)] += static_cast<double>(of_parameter[n]) * parameter.scale.at(index(n)) *
                               (is_x ? parameter.of_x : parameter.of_y)(x, y);
      }
    }
    const float* values = learned.values[index(Kind::kValue)].data();
    float* gradient = learned.values[index(Kind::kGradient)].data();
    if (learned.size == 1) gradients = {std::accumulate(gradients.begin(), gradients.end(), 0.0)};
    for (std::size_t i = 0; i < index(learned.size); ++i) {
      const auto added = static_cast<float>(gradients[i]);
      gradient[i] = adds_gradients_ ? gradient[i] + added : added;
    }
    if (!learned.field.is_clamped) continue;
    const Range& range = learned.field.range;
    for (std::int64_t i = 0; i < learned.size; ++i) {
      if (values[i] < range.low || values[i] > range.high) gradient[i] = 0;
    }
  }
}

}  // namespace snn::fused
