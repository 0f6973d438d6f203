#include "snn/train/summary.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "snn/text/text.h"
#include "snn/train/option.h"
#include "text/json.h"
#include "train/learned_json.h"

namespace snn {
namespace {

using nlohmann::ordered_json;

template <class T>
ordered_json number(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

// The text of an option as JSON's own types, so that scripts compare numbers and not texts.
ordered_json typed(const Option& option, const std::string& text) {
  if (option.is_switch && (text == "true" || text == "false")) return text == "true";
  double value = 0;
  if (option.is_number && parse_real(text, value)) {
    long long whole = 0;
    return parse_integer(text, whole) ? ordered_json(whole) : ordered_json(value);
  }
  return text;
}

ordered_json configuration(const Config& config) {
  ordered_json json;
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

  ordered_json epoch_seconds = ordered_json::array();
  // Each epoch has as many images, so that the mean is one of seconds per image.
  double epochs = 0, seconds_per_image = 0;
  for (const MetricsRow& each : rows) {
    if (each.epoch == 0) continue;
    epoch_seconds.push_back(number(each.seconds));
    if (!each.images_per_second) continue;
    ++epochs;
    seconds_per_image += 1 / *each.images_per_second;
  }

  ordered_json json;
  json["outcome"] = facts.outcome;
  json["test_accuracy"] = number(row.test.accuracy);
  json["decision"] = name_of(config.decision);
  json["test_count_accuracy"] = number(row.test.count_accuracy);
  json["test_ties"] = number(row.test.ties);
  json["test_without_spikes"] = number(row.test.without_spikes);
  json["test_loss"] = number(row.test.loss);
  json["untrained_accuracy"] = untrained ? number(untrained->test.accuracy) : nullptr;
  json["reported_checkpoint"] = reported_checkpoint(config, progress);
  json["epochs"] = progress.epoch;
  json["best_epoch"] = progress.best ? ordered_json(progress.best->epoch) : nullptr;
  json["train_loss"] = number(row.train.loss);
  json["train_accuracy"] = number(row.train.accuracy);
  json["validation_loss"] = number(row.validation.loss);
  json["validation_accuracy"] = number(row.validation.accuracy);
  json["validation_count_accuracy"] = number(row.validation.count_accuracy);
  json["epoch_seconds"] = epoch_seconds;
  json["images_per_second"] = epochs > 0 ? ordered_json(epochs / seconds_per_image) : nullptr;
  json["network"] = facts.network;
  json["parameters"] = facts.parameters;
  json["spikes_per_neuron"] = row.spikes_per_neuron;
  json["silent_fraction"] = row.silent_fraction;
  json["learned"] = to_json(row.learned);
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
