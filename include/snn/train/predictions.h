#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "snn/data/dataset.h"
#include "snn/engine/evaluation.h"
#include "snn/network/decision.h"

namespace snn {

/// A network's prediction for one sample: a row of predictions.csv.
struct Prediction {
  std::int64_t image = 0;  ///< its number in the data set, from 0
  std::int64_t label = 0;
  std::int64_t prediction = 0;
  std::vector<double> spikes;  ///< for each class, the sum of its output neuron's spikes; of relu
                               ///< neurons, of their currents, the logits
  /// For each class, the sum of its output neuron's membrane over time, NaN if not finite; empty if
  /// read from a file of version 0.1, which has none.
  std::vector<float> membranes = {};
  bool operator==(const Prediction&) const = default;
};

/// The rows of an evaluation of the samples of `dataset` at `indices`.
std::vector<Prediction> predictions_of(const Evaluation& evaluation, const Dataset& dataset,
                                       std::span<const std::uint32_t> indices);

/// The complete text of predictions.csv for a data set of `classes` classes:
/// image,label,prediction, spikes_0,spikes_1,…, tied_classes (the number of classes with the most
/// spikes), count_prediction (the lowest of these), membrane_0,membrane_1,… (empty if not finite).
/// Numbers read back exactly.
std::string predictions_to_csv(const std::vector<Prediction>& predictions, std::int64_t classes);

/// Parses the text of a predictions.csv; unknown columns are ignored. Throws Error(kCheckpoint)
/// that names `name` and the wrong line.
std::vector<Prediction> predictions_from_csv(std::string_view text, const std::string& name);

/// The confusion matrix [label][prediction]: the number of samples of each label with each
/// prediction.
std::vector<std::vector<std::int64_t>> confusion_matrix(const std::vector<Prediction>& predictions,
                                                        std::int64_t classes);

}  // namespace snn
