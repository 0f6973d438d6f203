#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/learned.h"

namespace snn {

/// How a network did on some samples.
struct Score {
  std::optional<double> loss;      ///< mean over the samples
  std::optional<double> accuracy;  ///< by the run's decision; share of 1
  /// By spike counts alone, ties to the lowest class: snnTorch's accuracy_rate. Share of 1.
  std::optional<double> count_accuracy = {};
  /// The samples of which several classes share the highest spike count, and among them those
  /// without any output spike, which logits have none of.
  std::optional<std::int64_t> ties = {}, without_spikes = {};
  bool operator==(const Score&) const = default;
};

/// A row of metrics.csv: an epoch; epoch 0 is before training. What does not apply is empty.
struct MetricsRow {
  std::int64_t epoch = 0;
  std::int64_t step = 0;     ///< optimiser steps so far
  std::optional<double> lr;  ///< of the epoch's last step
  Score train;               ///< over the epoch, each batch before its step
  Score validation;
  Score test;
  std::optional<double> gradient_norm;  ///< mean over the epoch's batches, before clipping
  /// For each layer, over the test images: spikes per neuron and image, and the share of neurons
  /// that never spiked; of relu neurons, the steps at which they were above 0.
  std::vector<double> spikes_per_neuron;
  std::vector<double> silent_fraction;
  std::vector<LearnedParameter> learned;
  std::optional<double> seconds;  ///< of training alone
  std::optional<double> samples_per_second;
  bool operator==(const MetricsRow&) const = default;
};

/// The whole of metrics.csv, header included, with columns of the learned parameters that some row
/// has. Numbers read back exactly.
std::string metrics_to_csv(const std::vector<MetricsRow>& rows, std::size_t layers);

/// Back from the text of a metrics.csv of a network of `layers` layers. Columns may stand in any
/// order; what version 0.1 did not write may be missing, and what is not known is left out. Throws
/// Error(kCheckpoint) that names `name` and the line that is wrong: epochs rise from line to line,
/// but some may be missing.
std::vector<MetricsRow> metrics_from_csv(std::string_view text, std::size_t layers,
                                         const std::string& name);

/// The rows that can still be read of a damaged one; none if its header cannot.
std::vector<MetricsRow> readable_metrics(std::string_view text, std::size_t layers);

}  // namespace snn
