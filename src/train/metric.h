#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "snn/train/metrics.h"

namespace snn {

/// The place of a value in a MetricsRow: a member of its own, or one of its scores.
template <class T>
struct Place {
  std::optional<T> MetricsRow::*own = nullptr;
  Score MetricsRow::*score = nullptr;
  std::optional<T> Score::*part = nullptr;

  auto& in(auto& row) const { return own != nullptr ? row.*own : row.*score.*part; }
};

/// The better direction of a metric; a sweep can optimise in either one.
enum class Better { kHigher, kLower, kNeither };

enum class Unit {
  kNumber,
  kShare,  ///< share of 1; shown in percent
};

/// True if the files of version 0.1 have a metric.
enum class Since { kFirst, kSecond };

/// A metric of each epoch. These tables are the only place that names metrics.
struct Metric {
  /// The column in metrics.csv and sweep.csv, the key in summary.json, the metric of a sweep.
  std::string_view key;
  std::string_view tag;  ///< tag in TensorBoard
  Better better;
  Unit unit;
  Since since;
  std::variant<Place<double>, Place<std::int64_t>> place;
  std::string_view old_key = {};  ///< key in files of version 0.1, if different

  std::optional<double> value(const MetricsRow& row) const {
    return std::visit([&](const auto& at) -> std::optional<double> { return at.in(row); }, place);
  }
};

namespace metric {

inline constexpr Metric kLearningRate = {
    "lr",          "training/lr", Better::kNeither,
    Unit::kNumber, Since::kFirst, Place<double>{&MetricsRow::lr}};
inline constexpr Metric kTrainLoss = {
    "train_loss",  "loss/train",  Better::kLower,
    Unit::kNumber, Since::kFirst, Place<double>{nullptr, &MetricsRow::train, &Score::loss}};
inline constexpr Metric kTrainAccuracy = {
    "train_accuracy", "accuracy/train",
    Better::kHigher,  Unit::kShare,
    Since::kFirst,    Place<double>{nullptr, &MetricsRow::train, &Score::accuracy}};
inline constexpr Metric kValidationLoss = {
    "validation_loss", "loss/validation",
    Better::kLower,    Unit::kNumber,
    Since::kFirst,     Place<double>{nullptr, &MetricsRow::validation, &Score::loss}};
inline constexpr Metric kValidationAccuracy = {
    "validation_accuracy", "accuracy/validation",
    Better::kHigher,       Unit::kShare,
    Since::kFirst,         Place<double>{nullptr, &MetricsRow::validation, &Score::accuracy}};
inline constexpr Metric kTestLoss = {
    "test_loss",   "loss/test",   Better::kLower,
    Unit::kNumber, Since::kFirst, Place<double>{nullptr, &MetricsRow::test, &Score::loss}};
inline constexpr Metric kTestAccuracy = {
    "test_accuracy", "accuracy/test", Better::kHigher,
    Unit::kShare,    Since::kFirst,   Place<double>{nullptr, &MetricsRow::test, &Score::accuracy}};
inline constexpr Metric kGradientNorm = {
    "gradient_norm",  "training/gradient_norm",
    Better::kNeither, Unit::kNumber,
    Since::kFirst,    Place<double>{&MetricsRow::gradient_norm}};
inline constexpr Metric kValidationCountAccuracy = {
    "validation_count_accuracy",
    "count_accuracy/validation",
    Better::kHigher,
    Unit::kShare,
    Since::kSecond,
    Place<double>{nullptr, &MetricsRow::validation, &Score::count_accuracy}};
inline constexpr Metric kValidationTies = {
    "validation_ties", "ties/validation",
    Better::kNeither,  Unit::kNumber,
    Since::kSecond,    Place<std::int64_t>{nullptr, &MetricsRow::validation, &Score::ties}};
inline constexpr Metric kValidationWithoutSpikes = {
    "validation_without_spikes",
    "without_spikes/validation",
    Better::kNeither,
    Unit::kNumber,
    Since::kSecond,
    Place<std::int64_t>{nullptr, &MetricsRow::validation, &Score::without_spikes}};
inline constexpr Metric kTestCountAccuracy = {
    "test_count_accuracy", "count_accuracy/test",
    Better::kHigher,       Unit::kShare,
    Since::kSecond,        Place<double>{nullptr, &MetricsRow::test, &Score::count_accuracy}};
inline constexpr Metric kTestTies = {
    "test_ties",   "ties/test",    Better::kNeither,
    Unit::kNumber, Since::kSecond, Place<std::int64_t>{nullptr, &MetricsRow::test, &Score::ties}};
inline constexpr Metric kTestWithoutSpikes = {
    "test_without_spikes", "without_spikes/test",
    Better::kNeither,      Unit::kNumber,
    Since::kSecond,        Place<std::int64_t>{nullptr, &MetricsRow::test, &Score::without_spikes}};
inline constexpr Metric kTrainPenalty = {
    "train_penalty", "penalty/train", Better::kLower,
    Unit::kNumber,   Since::kSecond,  Place<double>{nullptr, &MetricsRow::train, &Score::penalty}};
inline constexpr Metric kValidationTopK = {
    "validation_top_k_accuracy",
    "top_k_accuracy/validation",
    Better::kHigher,
    Unit::kShare,
    Since::kSecond,
    Place<double>{nullptr, &MetricsRow::validation, &Score::top_k_accuracy}};
inline constexpr Metric kTestTopK = {
    "test_top_k_accuracy", "top_k_accuracy/test",
    Better::kHigher,       Unit::kShare,
    Since::kSecond,        Place<double>{nullptr, &MetricsRow::test, &Score::top_k_accuracy}};
inline constexpr Metric kSeconds = {"seconds",        "training/seconds",
                                    Better::kNeither, Unit::kNumber,
                                    Since::kFirst,    Place<double>{&MetricsRow::seconds}};
inline constexpr Metric kSamplesPerSecond = {
    "samples_per_second", "training/samples_per_second",
    Better::kHigher,      Unit::kNumber,
    Since::kFirst,        Place<double>{&MetricsRow::samples_per_second},
    "images_per_second"};

}  // namespace metric

/// Every metric, in the order of metrics.csv: per-layer columns follow those of kResults, columns
/// of learned parameters those of kOfOptions, which only runs with their options have.
inline constexpr Metric kResults[] = {metric::kLearningRate,       metric::kTrainLoss,
                                      metric::kTrainAccuracy,      metric::kValidationLoss,
                                      metric::kValidationAccuracy, metric::kTestLoss,
                                      metric::kTestAccuracy,       metric::kGradientNorm};
inline constexpr Metric kDecisions[] = {
    metric::kValidationCountAccuracy, metric::kValidationTies, metric::kValidationWithoutSpikes,
    metric::kTestCountAccuracy,       metric::kTestTies,       metric::kTestWithoutSpikes};
inline constexpr Metric kOfOptions[] = {metric::kTrainPenalty, metric::kValidationTopK,
                                        metric::kTestTopK};
inline constexpr Metric kTimes[] = {metric::kSeconds, metric::kSamplesPerSecond};
std::vector<Metric> all_metrics();

/// The metric with that key or, for files of version 0.1, that old key; null if there is none.
const Metric* find_metric(std::string_view key);

/// A metric of each epoch and layer; `key` is a list in summary.json and, with _1, _2, ..., one
/// column per layer in metrics.csv and sweep.csv.
struct LayerMetric {
  std::string_view key;
  Unit unit;
  std::vector<double> MetricsRow::*values;
};
inline constexpr LayerMetric kLayerMetrics[] = {
    {"spikes_per_neuron", Unit::kNumber, &MetricsRow::spikes_per_neuron},
    {"silent_fraction", Unit::kShare, &MetricsRow::silent_fraction}};

/// The test accuracy before training, in summary.json.
inline constexpr std::string_view kUntrainedAccuracy = "untrained_accuracy";

/// True if the number with that key in a file is a share of 1.
bool is_share(std::string_view key);

/// The human-readable form of a key: "test accuracy".
std::string title_of(std::string_view key);

}  // namespace snn
