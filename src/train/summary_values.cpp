#include "train/summary_values.h"

#include <string>

#include "snn/text/text.h"
#include "train/metric.h"

namespace snn {
namespace {

// Parses "784-500-10", the only description of the layers in version 0.1.
std::vector<double> neurons_in_text(const Json& network) {
  if (!network.is_string()) return {};
  std::vector<double> neurons;
  for (const std::string& width : split(network.get<std::string>(), '-')) {
    if (!parse_real(width, neurons.emplace_back())) return {};
  }
  neurons.erase(neurons.begin());  // the inputs
  return neurons;
}

}  // namespace

Json summary_value(const Json& summary, std::string_view key) {
  if (!summary.is_object()) return nullptr;
  const Metric* metric = find_metric(key);
  for (const std::string_view name :
       {key, metric != nullptr ? metric->key : key, metric != nullptr ? metric->old_key : key}) {
    const auto found = summary.find(std::string(name));
    if (found != summary.end()) return *found;
  }
  return nullptr;
}

std::optional<double> summary_number(const Json& summary, std::string_view key) {
  const Json value = summary_value(summary, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::optional<Outcome> summary_outcome(const Json& summary) {
  const Json value = summary_value(summary, "outcome");
  return value.is_string() ? from_name<Outcome>(value.get<std::string>()) : std::nullopt;
}

std::vector<double> summary_neurons(const Json& summary) {
  const Json layers = summary_value(summary, "layers");
  if (!layers.is_array()) return neurons_in_text(summary_value(summary, "network"));
  std::vector<double> neurons;
  for (const Json& layer : layers) {
    const auto count = summary_number(layer, "neurons");
    if (!count) return {};
    neurons.push_back(*count);
  }
  return neurons;
}

}  // namespace snn
