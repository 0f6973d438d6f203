#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "snn/train/learned.h"

namespace snn {

/// Loss and accuracy of a network on some samples.
struct Score {
  std::optional<double> loss;      ///< mean over the samples
  std::optional<double> accuracy;  ///< by the run's decision; share of 1
  /// Accuracy by spike counts alone, ties to the lowest class: snnTorch's accuracy_rate. Share of
  /// 1.
  std::optional<double> count_accuracy = {};
  /// The number of samples in which several classes tie for the highest spike count, and the number
  /// of these without any output spike; the latter does not apply to logits.
  std::optional<std::int64_t> ties = {}, without_spikes = {};
  /// The share of samples whose class is among the first k by the run's decision; with `top-k`.
  std::optional<double> top_k_accuracy = {};
  /// Mean of the regulariser over the batches, which `loss` does not contain; with `regularize`.
  std::optional<double> penalty = {};
  bool operator==(const Score&) const = default;
};

/// A row of metrics.csv: one epoch; epoch 0 is before training. Values that do not apply are empty.
struct MetricsRow {
  std::int64_t epoch = 0;
  std::int64_t step = 0;     ///< optimiser steps so far
  std::optional<double> lr;  ///< learning rate of the epoch's last step
  Score train;               ///< over the epoch, each batch before its step
  Score validation;
  Score test;
  std::optional<double> gradient_norm;  ///< mean over the epoch's batches, before clipping
  /// For each layer, over the test images: spikes per neuron and image, and the share of neurons
  /// that never spiked; for relu neurons, the steps in which they were above 0.
  std::vector<double> spikes_per_neuron;
  std::vector<double> silent_fraction;
  std::vector<LearnedParameter> learned;
  std::optional<double> seconds;  ///< training time, without evaluation
  std::optional<double> samples_per_second;
  bool operator==(const MetricsRow&) const = default;
};

/// The complete text of metrics.csv with its header; it has columns for the learned parameters that
/// occur in any row. Numbers read back exactly.
std::string metrics_to_csv(const std::vector<MetricsRow>& rows, std::size_t layers);

/// Parses the text of a metrics.csv for a network of `layers` layers. Columns may be in any order;
/// columns that version 0.1 did not write may be missing, and unknown ones are ignored. Throws
/// Error(kCheckpoint) that names `name` and the wrong line: epochs must increase, but may have
/// gaps.
std::vector<MetricsRow> metrics_from_csv(std::string_view text, std::size_t layers,
                                         const std::string& name);

/// The readable rows of a damaged metrics.csv; none if its header is unreadable.
std::vector<MetricsRow> readable_metrics(std::string_view text, std::size_t layers);

}  // namespace snn
