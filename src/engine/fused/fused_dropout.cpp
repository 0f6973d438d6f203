#include <algorithm>
#include <array>
#include <span>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"
#include "network/synapses/dropout_draws.h"

namespace snn::fused {

using kernels::kBlock;
using kernels::kGroup;
using kernels::kMasksOfBlock;
using kernels::kStepsPerWord;

void FusedNetwork::reserve_dropout(std::size_t index_of_layer) {
  Layer& layer = layers_[index_of_layer];
  if (drops_input(index_of_layer)) layer.scaled.reserve(layer.synapses.weights[0].size());
  if (!drops_output(index_of_layer)) return;
  const std::size_t words = index(samples() * pieces_of(steps(), kStepsPerWord) * layer.padded);
  layer.kept.reserve(words);
  layer.sent.reserve(words);
}

// The kernels count a spike as 1, so the scale of those that are kept is in the weights.
void FusedNetwork::scale_weights(std::size_t index_of_layer) {
  if (!drops_input(index_of_layer)) return;
  Layer& layer = layers_[index_of_layer];
  Synapses& synapses = layer.synapses;
  const float scale = layer.dropout->scale();
  executor_.run(layer.blocks, [&](std::int64_t block, int) {
    const std::int64_t weights = synapses.inputs * lanes(layer, block);
    const float* from = weights_of(synapses, Kind::kValue, block);
    float* to = layer.scaled.data() + block * kBlock * (synapses.inputs + 1);
    for (std::int64_t i = 0; i < weights; ++i) to[i] = scale * from[i];
    std::copy_n(from + weights, lanes(layer, block), to + weights);
  });
}

// The weights, and the bias, that the spikes for a layer are multiplied by.
const float* FusedNetwork::weights_of_inputs(std::size_t index_of_layer, std::int64_t block) {
  Layer& layer = layers_[index_of_layer];
  if (!drops_input(index_of_layer)) return weights_of(layer.synapses, Kind::kValue, block);
  return layer.scaled.data() + block * kBlock * (layer.synapses.inputs + 1);
}

// Draws which spikes of a block the next layer receives, and takes the others out of `masks`, which
// only the next layer reads.
void FusedNetwork::drop_spikes(std::size_t index_of_layer, std::int64_t block,
                               std::int64_t sample) {
  Layer& layer = layers_[index_of_layer];
  const DropoutSpec& dropout = *layers_[index_of_layer + 1].dropout;
  const Seeds seeds{pass_.seed, static_cast<std::uint32_t>(index_of_layer + 1)};
  const std::int64_t neurons = outputs_of(layer, block);
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  const std::int64_t at = sample * words * layer.padded + block * kBlock;
  std::uint32_t* kept = layer.kept.data() + at;
  std::uint16_t* masks =
      layer.masks.data() + (block * samples() + sample) * steps() * kMasksOfBlock;

  const int width = lanes(layer, block);
  std::array<std::uint8_t, kBlock> draws{};
  std::array<std::uint16_t, kMasksOfBlock> mask{};
  const auto draw = [&](std::int64_t t) {
    draw_kept(dropout, seeds, pass_, sample, t, layer.outputs, block * kBlock,
              std::span(draws).first(index(neurons)));
    mask.fill(0);
    for (std::size_t n = 0; n < index(neurons); ++n) {
      mask[n / kGroup] = static_cast<std::uint16_t>(mask[n / kGroup] | draws[n] << n % kGroup);
    }
  };
  if (!dropout.per_step) {
    draw(0);
    for (std::int64_t word = 0; word < words; ++word) {
      for (int n = 0; n < width; ++n) kept[word * layer.padded + n] = 0U - draws[index(n)];
    }
  }
  for (std::int64_t t = 0; t < steps(); ++t, masks += kMasksOfBlock) {
    if (dropout.per_step) {
      draw(t);
      const std::int64_t bit = t % kStepsPerWord;
      std::uint32_t* word = kept + t / kStepsPerWord * layer.padded;
      for (int n = 0; n < width; ++n) {
        word[n] = (bit == 0 ? 0U : word[n]) | std::uint32_t{draws[index(n)]} << bit;
      }
    }
    for (std::size_t group = 0; group < mask.size(); ++group) masks[group] &= mask[group];
  }
  for (std::int64_t word = 0; word < words; ++word) {
    const std::int64_t row = word * layer.padded;
    for (int n = 0; n < width; ++n) {
      layer.sent.data()[at + row + n] = layer.words.data()[at + row + n] & kept[row + n];
    }
  }
}

// Multiplies `values` (T,lanes), which weigh a sample's spikes as the next layer receives them, by
// what dropout made of these.
void FusedNetwork::weigh_kept(std::size_t layer, std::int64_t block, std::int64_t sample,
                              float* values) const {
  const int width = lanes(layers_[layer], block);
  std::array<float, kBlock> weights{};
  for (std::int64_t t = 0; t < steps(); ++t, values += width) {
    if (layers_[layer + 1].dropout->per_step) {
      weigh_kept_at(layer, block, sample, t, values);
      continue;
    }
    if (t == 0) {
      weights.fill(1);
      weigh_kept_at(layer, block, sample, t, weights.data());
    }
    for (int n = 0; n < width; ++n) values[n] *= weights[index(n)];
  }
}

// The same for the values (lanes) of step `t`.
void FusedNetwork::weigh_kept_at(std::size_t index_of_layer, std::int64_t block,
                                 std::int64_t sample, std::int64_t t, float* values) const {
  const Layer& layer = layers_[index_of_layer];
  const float scale = layers_[index_of_layer + 1].dropout->scale();
  const std::int64_t words = pieces_of(steps(), kStepsPerWord);
  const std::uint32_t* kept =
      layer.kept.data() + (sample * words + t / kStepsPerWord) * layer.padded + block * kBlock;
  const std::int64_t bit = t % kStepsPerWord;
  for (int n = 0; n < lanes(layer, block); ++n) {
    values[n] *= scale * static_cast<float>(static_cast<int>(kept[n] >> bit & 1U));
  }
}

}  // namespace snn::fused
