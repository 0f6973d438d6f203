#include <algorithm>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"

// The first layer of a network, whose input is values or spikes.

namespace snn::fused {

using kernels::kStepsPerWord;

template <class T>
void FusedNetwork::read(const InputShape& shape, const T* values) {
  input_.is_spikes = false;
  input_.values.begin(shape);
  executor_.run(parts(), [&](std::int64_t part, int) { input_.values.read_part(part, values); });
}

template void FusedNetwork::read(const InputShape&, const std::uint8_t*);
template void FusedNetwork::read(const InputShape&, const float*);

void FusedNetwork::read_spikes(const InputShape& shape, const std::uint32_t* words) {
  input_.is_spikes = true;
  input_.spikes.begin(shape);
  executor_.run(parts(), [&](std::int64_t part, int) { input_.spikes.read_part(part, words); });
}

// Calls visit(word, first, count) for the steps [first, first + count) of each word.
template <class Visit>
void FusedNetwork::for_each_word(const Visit& visit) const {
  for (std::int64_t t = 0; t < steps(); t += kStepsPerWord) {
    visit(t / kStepsPerWord, t, std::min<std::int64_t>(kStepsPerWord, steps() - t));
  }
}

// Computes the currents of the samples [first, end).
void FusedNetwork::input_forward(std::int64_t block, std::int64_t first, std::int64_t end) {
  Layer& layer = layers_.front();
  const std::int64_t inputs = layer.synapses.inputs;
  const int width = lanes(layer, block);
  const float* weights = weights_of(layer.synapses, Kind::kValue, block);
  if (!input_.is_spikes) {
    const std::int64_t rows = rows_of_sample(0);
    kernels_.rows_forward(width, weights, inputs, input_.values.rows(), first * rows,
                          (end - first) * rows, currents_of(0, block, first));
    return;
  }
  for (std::int64_t sample = first; sample < end; ++sample) {
    float* currents = currents_of(0, block, sample);
    for_each_word([&](std::int64_t word, std::int64_t t, std::int64_t count) {
      kernels_.lists_forward(width, weights, inputs, input_.spikes.lists(sample, word), count,
                             currents + t * width);
    });
  }
}

// Computes the gradient of a piece of the weights, without the bias.
void FusedNetwork::input_gradient(const WeightPiece& piece, float* gradient) {
  Layer& layer = layers_.front();
  const int width = lanes(layer, piece.block);
  if (!input_.is_spikes) {
    kernels_.rows_gradient(width, input_.values.column_entries(),
                           input_.values.column_offsets() + piece.first, piece.count,
                           currents_of(0, piece.block, 0), gradient);
    return;
  }
  const std::int64_t index_of_piece = piece.first / SpikeInput::piece_size(layer.synapses.inputs);
  std::fill_n(gradient, piece.count * width, 0.0F);
  for (std::int64_t sample = 0; sample < samples(); ++sample) {
    const float* currents = currents_of(0, piece.block, sample);
    for_each_word([&](std::int64_t word, std::int64_t t, std::int64_t count) {
      const auto trains = input_.spikes.trains(sample, word, index_of_piece);
      kernels_.trains_gradient(width, count, currents + t * width, trains.data(),
                               std::ssize(trains), piece.first, gradient);
    });
  }
}

}  // namespace snn::fused
