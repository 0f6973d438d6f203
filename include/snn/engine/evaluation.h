#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "snn/network/decision.h"

namespace snn {

/// The outputs of a network for B samples and C classes; with a population code, those of a class
/// are summed, and its first spike is that of any of them.
struct Evaluation {
  double loss_sum = 0.0;                  ///< sum of the samples' losses, without the regulariser
  std::vector<std::int64_t> predictions;  ///< (B) classes by the engine's decision
  /// (B,C) sums over time of the output spikes and of the output membrane potentials; for relu
  /// neurons both are sums of the logits.
  std::vector<float> spike_counts, membrane_sums;
  std::vector<float> first_spikes;  ///< (B,C) step, from 0, of the first output spike; T-1: none
  bool has_output_spikes = true;    ///< false if spike_counts are sums of logits
  /// For each neuron of each layer, its number of spikes over batch and time; for a relu neuron,
  /// the number of steps in which it was above 0.
  std::vector<std::vector<std::int64_t>> layer_spikes;

  /// The values of sample `index`, (C).
  std::span<const float> counts_of(std::size_t index) const { return row(spike_counts, index); }
  std::span<const float> membranes_of(std::size_t index) const { return row(membrane_sums, index); }
  ClassOutputs outputs_of(std::size_t index) const {
    return {counts_of(index), membranes_of(index), row(first_spikes, index)};
  }

 private:
  std::span<const float> row(const std::vector<float>& all, std::size_t index) const {
    const std::size_t classes = all.size() / predictions.size();
    return std::span(all).subspan(index * classes, classes);
  }
};

/// Appends the samples of `part` to `whole`.
void append(Evaluation& whole, const Evaluation& part);

}  // namespace snn
