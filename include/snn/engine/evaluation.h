#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace snn {

/// A network's answers to B samples of C classes.
struct Evaluation {
  double loss_sum = 0.0;                  ///< of the samples' losses
  std::vector<std::int64_t> predictions;  ///< (B) by the engine's decision
  /// (B,C) sums over time of the output spikes, and of the output neurons' membranes; of relu
  /// neurons both are those of the logits.
  std::vector<float> spike_counts, membrane_sums;
  bool has_output_spikes = true;  ///< whether spike_counts are those of spikes, not logits
  /// For each layer, for each neuron, the number of its spikes over batch and time; of a relu
  /// neuron, how often it was above 0.
  std::vector<std::vector<std::int64_t>> layer_spikes;

  /// Those of sample `index`, (C).
  std::span<const float> counts_of(std::size_t index) const { return row(spike_counts, index); }
  std::span<const float> membranes_of(std::size_t index) const { return row(membrane_sums, index); }

 private:
  std::span<const float> row(const std::vector<float>& all, std::size_t index) const {
    const std::size_t classes = all.size() / predictions.size();
    return std::span(all).subspan(index * classes, classes);
  }
};

/// Adds the samples of `part` after those of `whole`.
void append(Evaluation& whole, const Evaluation& part);

}  // namespace snn
