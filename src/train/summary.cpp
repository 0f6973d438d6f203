#include "snn/train/summary.h"

#include <optional>

#include "snn/text/text.h"
#include "snn/train/option.h"
#include "text/json.h"
#include "train/learned_json.h"
#include "train/metric.h"

namespace snn {
namespace {

template <class T>
Json number(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// The value of an option in JSON's own types, so that scripts compare numbers instead of texts.
Json typed(const Option& option, const std::string& text) {
  if (option.is_switch && (text == "true" || text == "false")) return text == "true";
  double value = 0;
  if (option.is_number && parse_real(text, value)) {
    long long whole = 0;
    return parse_integer(text, whole) ? Json(whole) : Json(value);
  }
  return text;
}

Json configuration(const Config& config) {
  Json json;
  for (const Option& option : options()) json[option.name] = typed(option, option.format(config));
  return json;
}

const MetricsRow* row_of_epoch(const std::vector<MetricsRow>& rows, std::int64_t epoch) {
  for (const MetricsRow& row : rows) {
    if (row.epoch == epoch) return &row;
  }
  return nullptr;
}

bool reports_best(const Config& config, const Progress& progress) {
  return config.validation > 0 && progress.best;
}

}  // namespace

std::string reported_checkpoint(const Config& config, const Progress& progress) {
  return reports_best(config, progress) ? "checkpoints/best.safetensors"
                                        : "checkpoints/last.safetensors";
}

const MetricsRow* reported_row(const Config& config, const Progress& progress,
                               const std::vector<MetricsRow>& rows) {
  if (reports_best(config, progress)) return row_of_epoch(rows, progress.best->epoch);
  return progress.batch == 0 ? row_of_epoch(rows, progress.epoch) : nullptr;
}

std::string summary_to_json(const Config& config, const Progress& progress,
                            const std::vector<MetricsRow>& rows, const RunFacts& facts) {
  const MetricsRow unknown;
  const MetricsRow* found = reported_row(config, progress, rows);
  const MetricsRow& row = found ? *found : unknown;
  const MetricsRow* untrained = row_of_epoch(rows, 0);

  Json epoch_seconds = Json::array();
  // All epochs have the same number of samples, so this averages seconds per sample.
  double epochs = 0, seconds_per_sample = 0;
  for (const MetricsRow& each : rows) {
    if (each.epoch == 0) continue;
    epoch_seconds.push_back(number(each.seconds));
    if (!each.samples_per_second) continue;
    ++epochs;
    seconds_per_sample += 1 / *each.samples_per_second;
  }

  Json json;
  const auto add = [&](const Metric& metric) {
    json[metric.key] = std::visit([&](const auto& at) { return number(at.in(row)); }, metric.place);
  };
  // What only runs with its option have.
  const auto add_if_known = [&](const Metric& metric) {
    if (metric.value(row)) add(metric);
  };
  json["outcome"] = name_of(facts.outcome);
  add(metric::kTestAccuracy);
  json["decision"] = name_of(config.decision);
  add(metric::kTestCountAccuracy);
  add_if_known(metric::kTestTopK);
  add(metric::kTestTies);
  add(metric::kTestWithoutSpikes);
  add(metric::kTestLoss);
  json[kUntrainedAccuracy] = untrained ? number(untrained->test.accuracy) : nullptr;
  json["reported_checkpoint"] = reported_checkpoint(config, progress);
  json["epochs"] = progress.epoch;
  json["best_epoch"] = progress.best ? Json(progress.best->epoch) : nullptr;
  add(metric::kTrainLoss);
  add(metric::kTrainAccuracy);
  add_if_known(metric::kTrainPenalty);
  add(metric::kValidationLoss);
  add(metric::kValidationAccuracy);
  add(metric::kValidationCountAccuracy);
  add_if_known(metric::kValidationTopK);
  json["epoch_seconds"] = epoch_seconds;
  json[metric::kSamplesPerSecond.key] = epochs > 0 ? Json(epochs / seconds_per_sample) : nullptr;
  json["network"] = facts.network;
  json["layers"] = Json::array();
  std::vector<std::string> neurons;
  for (const LayerFacts& layer : facts.layers) {
    neurons.push_back(layer.name);
    json["layers"].push_back(
        {{"name", layer.name}, {"kind", layer.kind}, {"neurons", layer.neurons}});
  }
  json["parameters"] = facts.parameters;
  for (const LayerMetric& metric : kLayerMetrics) json[metric.key] = row.*metric.values;
  json["learned"] = to_json(row.learned, neurons);
  json["peak_memory_mb"] = facts.peak_memory_mb;
  json["seed"] = config.seed;
  json["version"] = facts.version;
  json["libtorch"] = facts.libtorch;
  json["device"] = facts.device;
  json["threads"] = facts.threads;
  json["engine"] = facts.engine;
  json["data_directory"] = facts.data_directory;
  json["configuration"] = configuration(config);
  return dump_json(json, 2) + "\n";
}

}  // namespace snn
