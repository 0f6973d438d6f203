// Layers with dense recurrence. A neuron's current depends on the spikes that all neurons had in
// the step before, so that one thread takes all neurons of a layer through time together, for a
// part of the samples.

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/fused/fused_network.h"
#include "engine/fused/layout.h"

namespace snn::fused {

using kernels::kBlock;

namespace {

// The spikes of several samples in one step as rows of a sparse matrix of ones.
class ListedSpikes {
 public:
  ListedSpikes(std::int64_t samples, std::int64_t neurons)
      : neurons_(neurons),
        entries_(index(samples * (neurons + 1))),
        offsets_(index(2 * samples + 1)) {}

  // Sample s's masks of block i are at masks + i * block_stride + s * sample_stride.
  void list(std::int64_t samples, const std::uint16_t* masks, std::ptrdiff_t block_stride,
            std::ptrdiff_t sample_stride) {
    std::uint32_t count = 0;
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const std::uint16_t* mask = masks + sample * sample_stride;
      offsets_.data()[2 * sample] = count;
      for (std::int64_t first = 0; first < neurons_; first += kBlock, mask += block_stride) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, mask, sizeof bits);
        // The masks of groups that a block does not have are undefined.
        if (neurons_ - first < kBlock) bits &= (std::uint64_t{1} << (neurons_ - first)) - 1;
        for (; bits != 0; bits &= bits - 1) {
          entries_.data()[count++] = {static_cast<std::uint32_t>(first + std::countr_zero(bits)),
                                      1.0F};
        }
      }
      if (count % 2 != 0) entries_.data()[count++] = {0, 0.0F};
      offsets_.data()[2 * sample + 1] = count;
    }
  }

  kernels::SparseRows rows() const { return {entries_.data(), offsets_.data(), /*tiles=*/1}; }

 private:
  std::int64_t neurons_;
  Buffer<kernels::Entry> entries_;
  Buffer<std::uint32_t> offsets_;  // (samples,2): see SparseRows
};

}  // namespace

// The currents with the recurrent ones, (T,lanes) for a sample, and then their gradients: in place
// of the others, if these are not the same at every step.
float* FusedNetwork::driven_of(std::size_t layer, std::int64_t block, std::int64_t sample) {
  if (rows_of_sample(layer) > 1) return currents_of(layer, block, sample);
  return layers_[layer].driven.data() +
         (block * kBlock * samples() + sample * lanes(layers_[layer], block)) * steps();
}

void FusedNetwork::forward_recurrent(std::size_t index_of_layer, std::int64_t part, int thread) {
  Layer& layer = layers_[index_of_layer];
  const std::int64_t first = part * kPart, count = std::min(kPart, samples() - first);
  const std::int64_t rows = rows_of_sample(index_of_layer);
  for (std::int64_t block = 0; block < layer.blocks; ++block) {
    compute_currents(index_of_layer, block, part, thread);
  }

  float* recurrent = scratch(thread, count * (kBlock + kernels::kStateArrays * layer.padded));
  float* states = recurrent + count * kBlock;
  ListedSpikes spikes(count, layer.outputs);
  const std::int64_t masks_of_sample = steps() * kernels::kMasksOfBlock;
  for (std::int64_t t = 0; t < steps(); ++t) {
    if (t > 0) {
      spikes.list(count,
                  layer.masks.data() + first * masks_of_sample + (t - 1) * kernels::kMasksOfBlock,
                  samples() * masks_of_sample, masks_of_sample);
    }
    for (std::int64_t block = 0; block < layer.blocks; ++block) {
      const int width = lanes(layer, block);
      kernels_.rows_forward(width, weights_of(layer.recurrent, Kind::kValue, block),
                            layer.recurrent.inputs, spikes.rows(), 0, count, recurrent);
      const std::int64_t row = rows == 1 ? 0 : t * width;
      kernels_.neurons_step(neuron_block(layer, block), t, count,
                            currents_of(index_of_layer, block, first) + row, rows * width,
                            recurrent, driven_of(index_of_layer, block, first),
                            record_of(index_of_layer, block, first),
                            states + block * kBlock * kernels::kStateArrays * count);
    }
  }
  for (std::int64_t block = 0; block < layer.blocks; ++block) {
    for (std::int64_t sample = first; sample < first + count; ++sample) {
      if (drops_output(index_of_layer)) drop_spikes(index_of_layer, block, sample);
      list_active(layer, block, sample);
    }
  }
}

// Computes dL/dS (samples,lanes) of step `t` for a block: from the layer after or the output, and
// from the step after.
void FusedNetwork::add_recurrent_gradients(std::size_t index_of_layer, std::int64_t block,
                                           std::int64_t first, std::int64_t count, std::int64_t t,
                                           const float* of_output, float* of_spikes) {
  const Layer& layer = layers_[index_of_layer];
  const int width = lanes(layer, block);
  bool has_any = false;
  const auto add = [&](const Layer& to, const Synapses& synapses, std::int64_t from,
                       const float* gradient) {
    const int lanes_of_block = lanes(to, from);
    kernels_.multiply(width, count, outputs_of(to, from), gradient, steps() * lanes_of_block,
                      weights_from(layer, block, to, synapses, from), of_spikes, has_any);
    has_any = true;
  };
  if (index_of_layer + 1 < layers_.size()) {
    const bool drops = drops_output(index_of_layer);
    has_any = !drops && begin_gradients(layer, block, count, of_spikes);
    const Layer& after = layers_[index_of_layer + 1];
    for (std::int64_t from = 0; from < after.blocks; ++from) {
      add(after, after.synapses, from,
          driven_of(index_of_layer + 1, from, first) + t * lanes(after, from));
    }
    for (std::int64_t sample = 0; drops && sample < count; ++sample) {
      weigh_kept_at(index_of_layer, block, first + sample, t, of_spikes + sample * width);
    }
    if (drops) add_rates(layer, block, count, of_spikes);
  } else if (of_output != nullptr) {
    for (std::int64_t sample = 0; sample < count; ++sample) {
      std::copy_n(of_output + ((first + sample) * steps() + t) * layer.padded + block * kBlock,
                  width, of_spikes + sample * width);
    }
    has_any = true;
  }
  if (!ends_window(t)) {
    for (std::int64_t from = 0; from < layer.blocks; ++from) {
      add(layer, layer.recurrent, from,
          driven_of(index_of_layer, from, first) + (t + 1) * lanes(layer, from));
    }
  }
  if (!has_any) std::fill_n(of_spikes, count * width, 0.0F);
}

void FusedNetwork::backward_recurrent(std::size_t index_of_layer, std::int64_t part, int thread,
                                      const kernels::NeuronGradients& output) {
  Layer& layer = layers_[index_of_layer];
  const std::int64_t first = part * kPart, count = std::min(kPart, samples() - first);
  const std::int64_t replay_size = kernels::kReplayArrays * steps();  // per sample and lane
  float* of_spikes =
      scratch(thread, count * (kBlock + (kernels::kStateArrays + replay_size) * layer.padded));
  float* states = of_spikes + count * kBlock;
  float* replays = states + count * kernels::kStateArrays * layer.padded;

  std::vector<kernels::NeuronSums> sums;
  for (std::int64_t block = 0; block < layer.blocks; ++block) {
    sums.push_back(clear_sums(layer, block, part));
    kernels_.neurons_replay(neuron_block(layer, block), count,
                            driven_of(index_of_layer, block, first), layer.learns_neurons(),
                            replays + block * kBlock * count * replay_size);
  }
  const bool is_last = index_of_layer + 1 == layers_.size();
  for (std::int64_t t = steps(); t-- > 0;) {
    for (std::int64_t block = 0; block < layer.blocks; ++block) {
      add_recurrent_gradients(index_of_layer, block, first, count, t,
                              is_last ? output.spikes : nullptr, of_spikes);
      kernels::NeuronGradients gradients{};
      gradients.spikes = of_spikes;
      gradients.spikes_stride = lanes(layer, block);
      if (is_last && output.membrane != nullptr) {
        gradients.membrane =
            output.membrane + (first * steps() + t) * layer.padded + block * kBlock;
        gradients.membrane_stride = steps() * layer.padded;
      }
      const std::int64_t at = block * kBlock * count;
      kernels_.neurons_step_back(neuron_block(layer, block), t, count, gradients,
                                 driven_of(index_of_layer, block, first), sums[index(block)],
                                 replays + at * replay_size, states + at * kernels::kStateArrays);
    }
  }
  if (rows_of_sample(index_of_layer) == 1) sum_driven(index_of_layer, first, count, of_spikes);
}

// The gradient of a current that is the same at every step is the sum of those of the steps.
void FusedNetwork::sum_driven(std::size_t index_of_layer, std::int64_t first, std::int64_t count,
                              float* scratch) {
  const Layer& layer = layers_[index_of_layer];
  for (std::int64_t block = 0; block < layer.blocks; ++block) {
    const int width = lanes(layer, block);
    for (std::int64_t sample = first; sample < first + count; ++sample) {
      float* total = currents_of(index_of_layer, block, sample);
      std::fill_n(total, width, 0.0F);
      kernels_.add_rows(width, steps(), driven_of(index_of_layer, block, sample), total, scratch);
    }
  }
}

}  // namespace snn::fused
